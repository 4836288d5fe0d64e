package io.guardbee.hsm.jca;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSSE on both ends of a real connection, each authenticated by a key that stays in its token. */
class TlsTest {

  @AfterEach
  void removeProviders() {
    Security.removeProvider("BC");
    Security.removeProvider("AmazonCorrettoCryptoProvider");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void serverAndClientAuthenticateWithTokenKeys(String protocol) throws Exception {
    assertMutualHandshake(protocol);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void otherProvidersInFrontLeaveTheKeyToUs(String protocol) throws Exception {
    Security.insertProviderAt(new BouncyCastleProvider(), 1);
    NativeCrypto.install();

    assertMutualHandshake(protocol);
  }

  @Test
  void bothProvidersInFrontSignWithTokenKeys() throws Exception {
    Security.insertProviderAt(new BouncyCastleProvider(), 1);
    NativeCrypto.install();
    try (Token token = TestToken.open()) {
      TokenKey key = token.generate(TestToken.label("tls"), KeyType.EC_P256);
      var signer = java.security.Signature.getInstance("SHA256withECDSA");
      signer.initSign(key.privateKey());
      signer.update((byte) 1);

      assertThat(signer.sign()).isNotEmpty();
      assertThat(signer.getProvider().getName()).isEqualTo("Guardbee");
      token.destroy(key);
    }
  }

  private static void assertMutualHandshake(String protocol) throws Exception {
    try (Token token = TestToken.open()) {
      TokenKey serverKey = token.generate(TestToken.label("server"), KeyType.EC_P256);
      TokenKey clientKey = token.generate(TestToken.label("client"), KeyType.EC_P256);
      TestCa ca = TestCa.root();
      SSLContext server = context(ca, ca.server("CN=localhost", serverKey.publicKey()), serverKey);
      SSLContext client =
          context(ca, ca.client("CN=d-1,OU=sensor", clientKey.publicKey()), clientKey);

      assertThat(peerSeenByServer(server, client, protocol)).isEqualTo("CN=d-1,OU=sensor");
      token.destroy(serverKey);
      token.destroy(clientKey);
    }
  }

  private static String peerSeenByServer(SSLContext server, SSLContext client, String protocol)
      throws Exception {
    try (SSLServerSocket listener =
        (SSLServerSocket)
            server
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener.setNeedClientAuth(true);
      listener.setEnabledProtocols(new String[] {protocol});
      CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> acceptOne(listener));
      try (Socket socket =
          client
              .getSocketFactory()
              .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
        socket.getOutputStream().write(1);
        assertThat(socket.getInputStream().read()).isEqualTo(2);
        assertThat(((SSLSocket) socket).getSession().getProtocol()).isEqualTo(protocol);
      }
      return seen.get(20, TimeUnit.SECONDS);
    }
  }

  private static String acceptOne(SSLServerSocket listener) {
    try (SSLSocket socket = (SSLSocket) listener.accept()) {
      int first = socket.getInputStream().read();
      socket.getOutputStream().write(first + 1);
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static SSLContext context(TestCa ca, X509Certificate certificate, TokenKey key)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("root", ca.certificate());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new OneKey(certificate, key.privateKey())},
        trust.getTrustManagers(),
        null);
    return context;
  }

  private static final class OneKey extends X509ExtendedKeyManager {
    private final X509Certificate certificate;
    private final PrivateKey key;

    OneKey(X509Certificate certificate, PrivateKey key) {
      this.certificate = certificate;
      this.key = key;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
      return new String[] {"key"};
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
      return "key";
    }

    @Override
    public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine) {
      return "key";
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
      return new String[] {"key"};
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
      return keyType.equals("EC") ? "key" : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal[] issuers, SSLEngine engine) {
      return keyType.equals("EC") ? "key" : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }
}
