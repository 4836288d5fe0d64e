package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.IdentityRenewal;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.files.CredentialFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.ServerRole;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who a node is towards the service, and whom it takes for the service. */
class NodeIdentityTests {

  @TempDir private Path home;

  private final Pki pki = Pki.make();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private CredentialFiles files;

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    Path conf = home.resolve("broker/extensions/guardbee/conf");
    Files.createDirectories(conf);
    Files.writeString(
        conf.resolve("guardbee.yaml"),
        """
        node: broker-1
        service: https://localhost:8443
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: ../../../ca/issuing.pem }
        policy: conf/policy.yaml
        """);
    Path own = home.resolve("broker/conf");
    files = new CredentialFiles(own.resolve("broker.pem"), own.resolve("broker.key"));
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private BrokerConfig config(FeedServer service) {
    Properties overrides = new Properties();
    overrides.setProperty("guardbee.service", service.url());
    return BrokerConfig.read(home.resolve("broker/extensions/guardbee"), overrides);
  }

  private ServiceClient client(FeedServer service) {
    BrokerConfig config = config(service);
    return ServiceClient.of(config, Pki.identityInFiles(config), threads);
  }

  private IdentityRenewal renewal(FeedServer service, ServiceClient client, Clock clock) {
    return new IdentityRenewal(client, Pki.identityInFiles(config(service)), clock, threads);
  }

  private static void report(ServiceClient client) throws IOException, InterruptedException {
    client.send(
        client.request("/v1/broker/report").POST(BodyPublishers.ofString("{}")),
        BodyHandlers.discarding());
  }

  @Test
  void impostorWithAnotherCertificateOfTheInstallationIsToldNothing() throws Exception {
    String service = "CN=" + ServerRole.SERVICE_NAME + ",OU=server";
    for (TestCa impostor :
        List.of(
            pki.operations().server("CN=broker-2,OU=broker"),
            pki.operations().listener("CN=broker-2,OU=broker"),
            pki.operations().server("CN=pki.example,OU=server"),
            pki.operations().server(service),
            pki.issuing().listener(service))) {
      try (FeedServer server = new FeedServer(pki, 0, impostor)) {
        ServiceClient client = client(server);
        Throwable refused = catchThrowable(() -> report(client));
        assertThat(refused).hasRootCauseInstanceOf(CertificateException.class);
        assertThat(server.reports()).isEmpty();
      }
    }
  }

  @Test
  void identityInTheLastThirdOfItsLifeIsRenewedWithANewKeyAndUsedAtOnce() throws Exception {
    try (FeedServer server = new FeedServer(pki)) {
      ServiceClient client = client(server);
      Credential first = client.identity();
      assertThat(renewal(server, client, Clock.systemUTC()).renewWhenDue()).isFalse();
      Clock later = Clock.fixed(Instant.now().plus(Duration.ofDays(21)), ZoneOffset.UTC); // of 30
      assertThat(renewal(server, client, later).renewWhenDue()).isTrue();
      Credential next = files.read();
      assertThat(next.leaf().getPublicKey()).isNotEqualTo(first.leaf().getPublicKey());
      assertThat(next.leaf().getSubjectX500Principal())
          .isEqualTo(first.leaf().getSubjectX500Principal());
      renewal(server, client, later).renew();
      assertThat(server.callers()).containsExactly(first.leaf(), next.leaf());
    }
  }

  @Test
  void identityThatOthersReplaceInItsFilesIsTakenOverAndABrokenOneIsNot() throws Exception {
    try (FeedServer server = new FeedServer(pki)) {
      ServiceClient client = client(server);
      TestCa other = pki.identity("broker-1");
      files.write(new Credential(other.key(), other.chain()));
      Files.setLastModifiedTime(
          files.certificate(), FileTime.from(Instant.now().plus(Duration.ofMinutes(1))));
      X509Certificate taken = client.identity().leaf();
      assertThat(taken).isEqualTo(other.certificate());
      Files.writeString(files.certificate(), "half a file");
      assertThat(client.identity().leaf()).isEqualTo(taken);
      report(client);
      assertThat(server.reports()).hasSize(1);
    }
  }
}
