package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How a device's certificates follow one another. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SuccessionTest {

  private RunningService service;
  private Client operator;
  private int devices;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("succession"),
            "profiles:",
            "  one: {renewal: {overlap: PT0S}}",
            "  few: {certificates: 2}",
            "  fresh: {renewal: {key: new}}",
            "  kept: {renewal: {key: same}}");
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  /** A device that has its first certificate. */
  private final class Device {
    private final String id = "follow-" + ++devices;
    private final KeyPair key = Csr.newKey();
    private final X509Certificate first;
    private final Client client;

    Device(String profile) {
      String token =
          operator
              .post("/v1/devices/" + id + "/grants", "{\"profile\":\"" + profile + "\"}")
              .json()
              .path("token")
              .asString();
      first =
          Client.anonymous(service.endpoints())
              .enrol("/simpleenroll", id, token, Csr.of(key).base64())
              .certificates()
              .get(0);
      client = Client.with(service.endpoints(), key, first);
    }

    Answer renew(KeyPair next) {
      return client.renew(Csr.of(next).base64());
    }

    List<String> statuses() {
      return StreamSupport.stream(
              operator.get("/v1/devices/" + id).json().path("certificates").spliterator(), false)
          .map(
              certificate ->
                  certificate.path("serial").asString()
                      + " "
                      + certificate.path("status").asString()
                      + " "
                      + certificate.path("reason").asString(""))
          .toList();
    }

    String superseded(X509Certificate certificate) {
      return Serial.of(certificate) + " revoked superseded";
    }
  }

  @Test
  void predecessorStaysGoodForTheOverlap() {
    Device device = new Device("sensor");
    X509Certificate second = device.renew(Csr.newKey()).certificates().get(0);
    assertThat(device.statuses()).allMatch(status -> status.contains(" active"));
    assertThat(device.renew(Csr.newKey()).status())
        .as("it lost power before it had the second, and asks with the first once more")
        .isEqualTo(200);
    assertThat(second).isNotEqualTo(device.first);
  }

  @Test
  void withoutOverlapThePredecessorEndsAndBrokersAreTold() {
    Device device = new Device("one");
    X509Certificate second = device.renew(Csr.newKey()).certificates().get(0);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(device.statuses()).contains(device.superseded(device.first)));
    assertThat(device.statuses()).anyMatch(one -> one.startsWith(Serial.of(second) + " active"));
    assertThat(device.renew(Csr.newKey()).reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
  }

  @Test
  void keyThatWasKeptOutlivesItsFirstCertificate() {
    Device device = new Device("one");
    X509Certificate second = device.renew(device.key).certificates().get(0);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(device.statuses()).contains(device.superseded(device.first)));
    Client renewed = Client.with(service.endpoints(), device.key, second);
    assertThat(renewed.renew(Csr.of(device.key).base64()).status()).isEqualTo(200);
  }

  @Test
  void oldestEndsWhenThereWouldBeTooMany() {
    Device device = new Device("few");
    X509Certificate second = device.renew(Csr.newKey()).certificates().get(0);
    X509Certificate third = device.renew(Csr.newKey()).certificates().get(0);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(device.statuses()).contains(device.superseded(device.first)));
    for (X509Certificate good : List.of(second, third)) {
      assertThat(device.statuses()).anyMatch(one -> one.startsWith(Serial.of(good) + " active"));
    }
  }

  @Test
  void profileDecidesOnTheKeyOfARenewal() {
    Device fresh = new Device("fresh");
    assertThat(fresh.renew(fresh.key).reason()).isEqualTo(Reason.KEY_NOT_NEW);
    assertThat(fresh.renew(Csr.newKey()).status()).isEqualTo(200);
    Device kept = new Device("kept");
    assertThat(kept.renew(Csr.newKey()).reason()).isEqualTo(Reason.KEY_NOT_SAME);
    assertThat(kept.renew(kept.key).status()).isEqualTo(200);
  }
}
