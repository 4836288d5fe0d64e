package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.schedule.PeriodicTask;
import io.guardbee.testing.TestCa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The HTTPS server's key in its module, renewed and replaced while connections stay. */
class HttpsCertificateTest {

  @TempDir private Path directory;

  /** Stands still until it is moved. */
  private static final class Hand extends Clock {
    private volatile Instant now;

    Hand(Instant now) {
      this.now = now;
    }

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  /** A kept-alive HTTPS connection; trusts these roots. */
  private record Connection(SSLSocket socket, BufferedReader answers) implements AutoCloseable {

    static Connection open(Endpoints endpoints, X509Certificate... roots) throws Exception {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("own", Pem.readCertificates(Path.of(endpoints.trust())).get(0));
      for (X509Certificate root : roots) {
        store.setCertificateEntry("root-" + store.size(), root);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      int port = URI.create(endpoints.https()).getPort();
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port);
      return new Connection(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)));
    }

    /** The status line of one request on this connection. */
    String get() throws IOException {
      socket
          .getOutputStream()
          .write(
              "HEAD /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String status = answers.readLine();
      for (String line = answers.readLine(); line != null && !line.isEmpty(); ) {
        line = answers.readLine();
      }
      return String.valueOf(status);
    }

    X509Certificate presented() throws IOException {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static X509Certificate presented(RunningService service, X509Certificate... roots)
      throws Exception {
    try (Connection connection = Connection.open(service.endpoints(), roots)) {
      return connection.presented();
    }
  }

  private static Path pem(RunningService service) {
    return service.home().ca().resolve("https.pem");
  }

  private static String uri(String object) {
    return RunningService.token().withObject(object).toString();
  }

  private static void configure(RunningService service, String tlsKey) throws IOException {
    String text = Files.readString(service.home().config());
    Path next = service.home().directory().resolve("config.next");
    Files.writeString(next, text.replaceAll("tls: .*\n", "") + "tls: {key: \"" + tlsKey + "\"}\n");
    Files.move(next, service.home().config(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private static void await(org.awaitility.core.ThrowingRunnable assertion) {
    Awaitility.await().untilAsserted(assertion);
  }

  @Test
  void lastThirdOfItsLifeRenewsItWhileConnectionsStay() throws Exception {
    Hand clock = new Hand(Instant.now().minus(Duration.ofDays(70)));
    try (RunningService service = RunningService.start(clock, directory.resolve("renew"));
        Connection old = Connection.open(service.endpoints())) {
      X509Certificate first = old.presented();
      assertThat(first.getNotAfter().toInstant())
          .isBetween(
              clock.instant().plus(Duration.ofDays(89)), clock.instant().plus(Duration.ofDays(90)));
      clock.advance(Duration.ofDays(61));
      await(() -> assertThat(presented(service)).isNotEqualTo(first));
      assertThat(presented(service).getPublicKey()).isEqualTo(first.getPublicKey());
      assertThat(presented(service)).isEqualTo(Pem.readCertificates(pem(service)).get(0));
      assertThat(old.get()).contains("200");
    }
  }

  @Test
  void changedTlsKeyIsMadeCertifiedAndTakenOverWhileConnectionsStay() throws Exception {
    String label = "front-" + UUID.randomUUID();
    try (RunningService service = RunningService.start(directory.resolve("switch"));
        Connection old = Connection.open(service.endpoints());
        Token token = Token.open(RunningService.token())) {
      configure(service, uri(label));
      await(
          () ->
              assertThat(token.find(label).map(TokenKey::publicKey))
                  .contains(presented(service).getPublicKey()));
      assertThat(old.get()).contains("200");
      service.restart();
      TokenKey key = token.find(label).orElseThrow();
      assertThat(presented(service).getPublicKey()).isEqualTo(key.publicKey());
      assertThat(token.isConfined(key)).isTrue();
    }
  }

  @Test
  void tlsKeyThatDoesNotDoIsLeftAloneAndTheServerStays() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("wrong"))) {
      X509Certificate first = presented(service);
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      log.start();
      Logger logger = (Logger) LoggerFactory.getLogger(PeriodicTask.class);
      logger.addAppender(log);
      configure(service, "pkcs11:token=nowhere;object=https");
      await(
          () ->
              assertThat(List.copyOf(log.list))
                  .anySatisfy(e -> assertThat(e.getFormattedMessage()).contains("nowhere")));
      logger.detachAppender(log);
      assertThat(presented(service)).isEqualTo(first);
      String label = "front-" + UUID.randomUUID();
      configure(service, uri(label));
      await(() -> assertThat(presented(service)).isNotEqualTo(first));
    }
  }

  @Test
  void tlsKeyThatDoesNotDoRefusesTheStart() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("start"))) {
      configure(service, "pkcs11:token=nowhere;object=https");
      assertThatThrownBy(service::restart)
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.KEY_MISSING);
                assertThat(e.line()).contains("nowhere");
              });
    }
  }

  @Test
  void deletedCertificateIsIssuedAnew() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("delete"))) {
      X509Certificate first = presented(service);
      Files.delete(pem(service));
      await(() -> assertThat(presented(service)).isNotEqualTo(first));
    }
  }

  @Test
  void certificateOfAnotherAuthorityIsTakenOverAndKept() throws Exception {
    String label = "front-" + UUID.randomUUID();
    try (Token token = Token.open(RunningService.token())) {
      TokenKey key = token.generate(label, KeyType.EC_P256);
      TestCa other = TestCa.root("Other");
      X509Certificate theirs = other.server("CN=pki.example.com", key.publicKey());
      try (RunningService service =
          RunningService.start(directory.resolve("theirs"), "tls: {key: \"" + uri(label) + "\"}")) {
        Files.writeString(pem(service), Pem.certificate(theirs));
        await(() -> assertThat(presented(service, other.certificate())).isEqualTo(theirs));
        service.restart();
        assertThat(presented(service, other.certificate())).isEqualTo(theirs);
      }
    }
  }

  @Test
  void certificateForAnotherKeyIsNotTakenOverNorWrittenOver() throws Exception {
    TestCa other = TestCa.root("Other");
    String theirs = Pem.certificate(other.server("CN=pki.example.com").certificate());
    try (RunningService service = RunningService.start(directory.resolve("misfit"))) {
      X509Certificate first = presented(service);
      Files.writeString(pem(service), theirs);
      assertThatThrownBy(service::restart)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("https.pem");
      assertThat(pem(service)).hasContent(theirs);
      Files.delete(pem(service));
      service.restart();
      assertThat(presented(service).getPublicKey()).isEqualTo(first.getPublicKey());
    }
  }
}
