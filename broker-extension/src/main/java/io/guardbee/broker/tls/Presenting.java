package io.guardbee.broker.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the key that is in force at the moment of each question; for servers only: a TLS client
 * in this JVM that forgot to name its managers must not go about as the broker.
 */
final class Presenting extends X509ExtendedKeyManager {

  /** Where the key in force is found. */
  @FunctionalInterface
  interface InForce {
    @Nullable X509ExtendedKeyManager now();
  }

  private final InForce inForce;

  Presenting(InForce inForce) {
    this.inForce = inForce;
  }

  private <T> @Nullable T ask(Function<X509ExtendedKeyManager, @Nullable T> question) {
    X509ExtendedKeyManager now = inForce.now();
    return now == null ? null : question.apply(now);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return ask(now -> now.chooseEngineServerAlias(keyType, issuers, engine));
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return ask(now -> now.chooseServerAlias(keyType, issuers, socket));
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return ask(now -> now.getServerAliases(keyType, issuers));
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return ask(now -> now.getCertificateChain(alias));
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return ask(now -> now.getPrivateKey(alias));
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }
}
