package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** A rollover and the end of an authority, as brokers are told of it. */
class TrustTest {

  private static void guardbee(RunningService service, String... command) {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Main()).setErr(new PrintWriter(err, true));
    String[] all = new String[command.length + 2];
    System.arraycopy(command, 0, all, 0, command.length);
    all[command.length] = "--home";
    all[command.length + 1] = service.home().directory().toString();
    assertThat(line.execute(all)).as(err.toString()).isZero();
  }

  private static List<X509Certificate> issuing(RunningService service) throws Exception {
    return Pem.readCertificates(service.home().ca().resolve("issuing.pem"));
  }

  private static void assertTells(JsonNode trust, List<X509Certificate> issuing) {
    assertThat(trust.path("issuing").size()).isEqualTo(issuing.size());
    for (int i = 0; i < issuing.size(); i++) {
      assertThat(trust.path("issuing").get(i).asString())
          .isEqualTo(Pem.certificate(issuing.get(i)));
    }
  }

  @Test
  void brokersHearOfRolloverAndRetirementWithoutAFileBeingTouched(@TempDir Path directory)
      throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("trust"))) {
      List<X509Certificate> first = issuing(service);
      String feed;
      long position;
      try (FeedClient broker = new FeedClient(service)) {
        JsonNode trust = broker.next();
        assertThat(trust.path("type").asString()).as("before the snapshot").isEqualTo("trust");
        assertThat(trust.path("event").asLong()).isZero();
        assertThat(trust.path("roots").get(0).asString())
            .isEqualTo(
                Pem.certificate(
                    Pem.readCertificates(service.home().ca().resolve("root.pem")).get(0)));
        assertTells(trust, first);
        JsonNode snapshot = broker.next("snapshot");
        feed = snapshot.path("feed").asString();
        position = snapshot.path("event").asLong();
      }
      service.restart();
      try (FeedClient broker = new FeedClient(service)) {
        assertThat(broker.next("snapshot").path("event").asLong())
            .as("the same authorities are no news")
            .isEqualTo(position);
      }
      service.stop();
      guardbee(service, "ca", "rollover", "issuing");
      service.restart();
      try (FeedClient broker = new FeedClient(service, feed, position)) {
        assertTells(broker.next("trust"), issuing(service)); // what is in force comes first
        JsonNode trust = broker.next("trust");
        assertThat(trust.path("event").asLong()).isEqualTo(position + 1);
        assertTells(trust, issuing(service));
        assertThat(trust.path("issuing").size()).isEqualTo(2);
      }
      service.stop();
      guardbee(service, "ca", "crl", "--revoke", Serial.of(first.get(0)).toString());
      service.restart();
      try (FeedClient broker = new FeedClient(service, feed, position + 1)) {
        assertTells(broker.next("trust"), issuing(service)); // what is in force comes first
        JsonNode trust = broker.next("trust");
        assertThat(trust.path("event").asLong()).isEqualTo(position + 2);
        assertTells(trust, issuing(service));
        assertThat(trust.path("issuing").size()).as("only its successor").isEqualTo(1);
      }
    }
  }
}
