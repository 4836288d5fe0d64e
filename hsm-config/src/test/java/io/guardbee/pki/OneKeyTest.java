package io.guardbee.pki;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replacing a server's key under its handshakes. */
class OneKeyTest {

  private final TestCa root = TestCa.root();

  private record Own(PrivateKey key, X509Certificate certificate) {}

  private Own own(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    KeyPair pair = generator.generateKeyPair();
    return new Own(pair.getPrivate(), root.server("CN=localhost", pair.getPublic()));
  }

  private static OneKey manager(Own own) {
    return new OneKey(own.key(), List.of(own.certificate()));
  }

  private static String alias(OneKey manager) {
    return requireNonNull(manager.chooseEngineServerAlias("EC", null, null));
  }

  @Test
  void keyAndChainOfOneAliasBelongTogetherHoweverOftenTheyAreReplaced() throws Exception {
    Own first = own("EC", 256);
    Own second = own("EC", 256);
    OneKey manager = manager(first);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> replacing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !stop.get(); i++) {
                Own next = i % 2 == 0 ? second : first;
                manager.replace(next.key(), List.of(next.certificate()));
              }
            });
    try {
      for (int i = 0; i < 20_000; i++) {
        String alias = alias(manager);
        PrivateKey key = requireNonNull(manager.getPrivateKey(alias));
        Own own = key.equals(first.key()) ? first : second;
        assertThat(requireNonNull(manager.getCertificateChain(alias)))
            .containsExactly(own.certificate());
      }
    } finally {
      stop.set(true);
      replacing.get(5, TimeUnit.MINUTES);
    }
  }

  @Test
  void anotherManagersAliasMeansNothing() throws Exception {
    Own own = own("EC", 256);
    String alias = alias(manager(own));
    assertThat(manager(own).getPrivateKey(alias)).isNull();
    assertThat(manager(own).getCertificateChain(alias)).isNull();
  }

  @Test
  void keyOfAnotherAlgorithmIsNotOffered() throws Exception {
    OneKey manager = manager(own("EC", 256));
    assertThat(manager.chooseEngineServerAlias("RSA", null, null)).isNull();
    assertThat(manager.getServerAliases("RSA", null)).isNull();
    Own rsa = own("RSA", 2048);
    manager.replace(rsa.key(), List.of(rsa.certificate()));
    assertThat(manager.chooseEngineServerAlias("EC", null, null)).isNull();
    assertThat(manager.chooseEngineServerAlias("RSA", null, null)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "EC, 256, TLSv1.3",
    "EC, 256, TLSv1.2",
    "EC, 384, TLSv1.3",
    "RSA, 2048, TLSv1.3",
    "RSA, 2048, TLSv1.2"
  })
  void newHandshakeSeesTheNewKeyAndTheOldConnectionStays(
      String algorithm, int size, String protocol) throws Exception {
    Own before = own("EC", 256);
    Own after = own(algorithm, size);
    OneKey manager = manager(before);
    SSLContext server = context(manager);
    try (SSLServerSocket listener =
        (SSLServerSocket)
            server
                .getServerSocketFactory()
                .createServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      listener.setEnabledProtocols(new String[] {protocol});
      CompletableFuture<Void> echoing =
          CompletableFuture.runAsync(() -> echo(listener), OneKeyTest::onItsOwn);
      try (SSLSocket old = connect(listener.getLocalPort())) {
        assertThat(presented(old)).isEqualTo(before.certificate());
        manager.replace(after.key(), List.of(after.certificate()));
        try (SSLSocket fresh = connect(listener.getLocalPort())) {
          assertThat(presented(fresh)).isEqualTo(after.certificate());
        }
        assertThat(presented(old)).isEqualTo(before.certificate());
      }
      echoing.get(5, TimeUnit.MINUTES);
    }
  }

  /** The common pool has one thread on two processors, and these wait for each other. */
  private static void onItsOwn(Runnable task) {
    Thread thread = new Thread(task, "echo");
    thread.setDaemon(true);
    thread.start();
  }

  /** Serves two connections side by side until their ends. */
  private static void echo(SSLServerSocket listener) {
    CompletableFuture<?>[] both = new CompletableFuture<?>[2];
    try {
      for (int i = 0; i < both.length; i++) {
        Socket socket = listener.accept();
        both[i] = CompletableFuture.runAsync(() -> echo(socket), OneKeyTest::onItsOwn);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CompletableFuture.allOf(both).join();
  }

  private static void echo(Socket socket) {
    try (socket) {
      for (int octet = socket.getInputStream().read();
          octet >= 0;
          octet = socket.getInputStream().read()) {
        socket.getOutputStream().write(octet);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Proves that the connection works; the server's certificate. */
  private static X509Certificate presented(SSLSocket socket) throws IOException {
    socket.getOutputStream().write(7);
    assertThat(socket.getInputStream().read()).isEqualTo(7);
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  private SSLSocket connect(int port) throws Exception {
    return (SSLSocket)
        context(null).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
  }

  private SSLContext context(@org.jspecify.annotations.Nullable OneKey manager) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("root", root.certificate());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        manager == null ? null : new KeyManager[] {manager}, trust.getTrustManagers(), null);
    return context;
  }
}
