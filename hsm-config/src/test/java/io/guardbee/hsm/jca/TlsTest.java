package io.guardbee.hsm.jca;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.pki.OneKey;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSSE on both ends of a real connection, each authenticated by a key that stays in its token. */
class TlsTest {

  @AfterEach
  void removeProviders() {
    Security.removeProvider("BC");
    Security.removeProvider("AmazonCorrettoCryptoProvider");
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.3,EC_P256",
    "TLSv1.2,EC_P256",
    "TLSv1.3,EC_P384",
    "TLSv1.2,EC_P384",
    "TLSv1.3,EC_P521",
    "TLSv1.3,RSA_2048",
    "TLSv1.2,RSA_2048",
    "TLSv1.3,RSA_3072"
  })
  void serverAndClientAuthenticateWithTokenKeys(String protocol, KeyType type) throws Exception {
    assertMutualHandshake(protocol, type);
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3,RSA_2048", "TLSv1.2,RSA_2048", "TLSv1.3,EC_P384"})
  void nativeCryptographyLeavesTheKeyToUs(String protocol, KeyType type) throws Exception {
    NativeCrypto.install();

    assertMutualHandshake(protocol, type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void otherProvidersInFrontLeaveTheKeyToUs(String protocol) throws Exception {
    Security.insertProviderAt(new BouncyCastleProvider(), 1);
    NativeCrypto.install();

    assertMutualHandshake(protocol, KeyType.EC_P256);
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

  @ParameterizedTest
  @CsvSource({"TLSv1.3,EC_P256", "TLSv1.2,EC_P256", "TLSv1.3,EC_P384", "TLSv1.2,EC_P384"})
  void keysInATpmDoTheSame(String protocol, KeyType type) throws Exception {
    try (Token token = Token.open(SoftTpm.shared().uri())) {
      assertMutualHandshake(token, protocol, type);
    }
  }

  private static void assertMutualHandshake(String protocol, KeyType type) throws Exception {
    try (Token token = TestToken.open()) {
      assertMutualHandshake(token, protocol, type);
    }
  }

  private static void assertMutualHandshake(Token token, String protocol, KeyType type)
      throws Exception {
    TokenKey serverKey = token.generate(TestToken.label("server"), type);
    TokenKey clientKey = token.generate(TestToken.label("client"), type);
    TestCa ca = TestCa.root();
    SSLContext server = context(ca, ca.server("CN=localhost", serverKey.publicKey()), serverKey);
    SSLContext client =
        context(ca, ca.client("CN=d-1,OU=sensor", clientKey.publicKey()), clientKey);

    assertThat(peerSeenByServer(server, client, protocol)).isEqualTo("CN=d-1,OU=sensor");
    token.destroy(serverKey);
    token.destroy(clientKey);
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
      return seen.get(5, TimeUnit.MINUTES);
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
        new KeyManager[] {new OneKey(key.privateKey(), List.of(certificate))},
        trust.getTrustManagers(),
        null);
    return context;
  }
}
