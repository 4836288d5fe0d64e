package io.guardbee.pki;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The one key that a TLS server or client has, for every handshake; the key may stay in its module.
 * A client presents it whatever list of authorities the server sends: a server that does not like
 * it says so, where an empty answer would only say that something is missing. Thread-safe.
 *
 * <p>Key and certificates may be {@linkplain #replace replaced} at any time. A handshake that has
 * begun ends with the pair that it began with; connections are left alone.
 */
public final class OneKey extends X509ExtendedKeyManager {

  /** What a handshake takes, together or not at all. */
  private record Pair(PrivateKey key, List<X509Certificate> chain) {}

  /**
   * @param alias of this pair and no other ever, in whatever class loader
   */
  private record Generation(String alias, Pair pair) {}

  /** Pairs that handshakes still hold the alias of: they go with it. */
  private final Map<String, Pair> issued = Collections.synchronizedMap(new WeakHashMap<>());

  private volatile Generation current;

  /**
   * @param chain the key's certificate first, then its authorities
   */
  public OneKey(PrivateKey key, List<X509Certificate> chain) {
    this.current = generation(key, chain);
  }

  /** Gives this pair to every handshake that begins from now on. */
  public void replace(PrivateKey key, List<X509Certificate> chain) {
    current = generation(key, chain);
  }

  private Generation generation(PrivateKey key, List<X509Certificate> chain) {
    Pair pair = new Pair(key, List.copyOf(chain));
    Generation made = new Generation(UUID.randomUUID().toString(), pair);
    issued.put(made.alias(), pair);
    return made;
  }

  /** The certificate that the next handshake presents. */
  public X509Certificate certificate() {
    return current.pair().chain().get(0);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyType);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  private String @Nullable [] aliases(String keyType) {
    String alias = choose(keyType);
    return alias == null ? null : new String[] {alias};
  }

  private @Nullable String choose(String... keyTypes) {
    Generation now = current;
    // "EC", "RSA" (PKCS#1 and PSS), "RSASSA-PSS", "EdDSA": JSSE names them as keys do
    return List.of(keyTypes).contains(now.pair().key().getAlgorithm()) ? now.alias() : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Pair pair = pair(alias);
    return pair == null ? null : pair.chain().toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Pair pair = pair(alias);
    return pair == null ? null : pair.key();
  }

  private @Nullable Pair pair(String alias) {
    Generation now = current;
    return now.alias().equals(alias) ? now.pair() : issued.get(alias);
  }
}
