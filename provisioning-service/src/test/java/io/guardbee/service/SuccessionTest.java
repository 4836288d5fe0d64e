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
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

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
            "  other: {}",
            "  served: {serverKeys: plain}",
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

    Client with(KeyPair own, X509Certificate certificate) {
      return Client.with(service.endpoints(), own, certificate);
    }

    /** Its certificate confirmed by a request that anybody may make. */
    Client using(KeyPair own, X509Certificate certificate) {
      Client confirmed = with(own, certificate);
      assertThat(confirmed.get("/.well-known/est/cacerts").status()).isEqualTo(200);
      return confirmed;
    }

    String token(String profile) {
      return operator
          .post("/v1/devices/" + id + "/grants", "{\"profile\":\"" + profile + "\"}")
          .json()
          .path("token")
          .asString();
    }

    boolean isActive(X509Certificate certificate) {
      return statuses().stream()
          .anyMatch(one -> one.startsWith(Serial.of(certificate) + " active"));
    }

    List<JsonNode> alarms() {
      return StreamSupport.stream(
              operator.get("/v1/explain?device=" + id).json().path("attempts").spliterator(), false)
          .filter(attempt -> attempt.path("outcome").asString().equals("clone-suspected"))
          .toList();
    }

    List<String> audited(String action) {
      assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
      return operator
          .get("/v1/audit?after=0")
          .body()
          .lines()
          .filter(line -> line.contains("\"action\":\"" + action + "\""))
          .filter(line -> line.contains("\"device:" + id + "\""))
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
    assertThat(device.client.get("/.well-known/est/cacerts").status()).isEqualTo(200);
    assertThat(second).isNotEqualTo(device.first);
    assertThat(device.alarms()).isEmpty();
  }

  @Test
  void successorThatNobodyUsedIsReplacedAndEnds() {
    Device device = new Device("sensor");
    KeyPair lost = Csr.newKey();
    X509Certificate second = device.renew(lost).certificates().get(0);
    KeyPair kept = Csr.newKey();
    X509Certificate third = device.renew(kept).certificates().get(0); // second and its key are lost
    assertThat(device.alarms()).as("nothing shows that a second one has the key").isEmpty();
    assertThat(device.audited("successor-replaced"))
        .singleElement()
        .asString()
        .contains(Serial.of(second).toString(), Serial.of(third).toString());
    Awaitility.await()
        .untilAsserted(() -> assertThat(device.statuses()).contains(device.superseded(second)));
    assertThat(device.isActive(third)).isTrue();
    assertThat(device.using(kept, third).renew(Csr.of(kept).base64()).status()).isEqualTo(200);
    // whoever got the second is not the device, or the third is not
    Answer thief = device.with(lost, second).renew(Csr.of(Csr.newKey()).base64());
    assertThat(thief.reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    Awaitility.await().untilAsserted(() -> assertThat(device.alarms()).hasSize(1));
  }

  @Test
  void predecessorOfASuccessorInUseRepeatsItsRequestOnlyAndRaisesTheAlarm() {
    Device device = new Device("served");
    KeyPair next = Csr.newKey();
    String request = Csr.of(next).base64();
    X509Certificate second = device.client.renew(request).certificates().get(0);
    device.using(next, second);
    assertThat(device.client.renew(request).certificates()).containsExactly(second);
    assertThat(device.alarms()).isEmpty();
    for (Answer refused :
        List.of(device.renew(Csr.newKey()), device.renew(device.key), keyMadeFor(device))) {
      assertThat(refused.reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body())
          .contains(Serial.of(second).toString(), "guardbee device grant " + device.id);
    }
    Awaitility.await().untilAsserted(() -> assertThat(device.alarms()).hasSize(1));
    assertThat(device.alarms().get(0).path("detail").asString())
        .contains(Serial.of(device.first).toString(), Serial.of(second).toString());
    assertThat(device.audited("clone-suspected")).as("once a minute").hasSize(1);
    assertThat(device.isActive(second)).isTrue();
    assertThat(device.using(next, second).renew(Csr.of(Csr.newKey()).base64()).status())
        .as("the device itself goes on")
        .isEqualTo(200);
  }

  private static Answer keyMadeFor(Device device) {
    return device.client.post("/.well-known/est/serverkeygen", Csr.of(device.key).base64());
  }

  @Test
  void thirdInALineCountsAsSuccessorToo() {
    Device device = new Device("sensor");
    KeyPair second = Csr.newKey();
    Client renewed = device.with(second, device.renew(second).certificates().get(0));
    assertThat(renewed.renew(Csr.of(Csr.newKey()).base64()).status()).isEqualTo(200);
    assertThat(device.renew(Csr.newKey()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
  }

  @Test
  void brokerConfirmsASuccessorAndTellsOfOneThatHadEnded() {
    Device device = new Device("sensor");
    X509Certificate second = device.renew(Csr.newKey()).certificates().get(0);
    X509Certificate third = device.renew(Csr.newKey()).certificates().get(0);
    report(second);
    Awaitility.await().untilAsserted(() -> assertThat(device.alarms()).hasSize(1));
    assertThat(device.alarms().get(0).path("address").asString()).isEqualTo("192.0.2.9");
    report(third);
    report(third);
    assertThat(device.renew(Csr.newKey()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    assertThat(device.isActive(third)).isTrue();
  }

  @Test
  void replacedCertificateThatABrokerRefusesRaisesTheAlarm() {
    Device device = new Device("sensor");
    X509Certificate second = device.renew(Csr.newKey()).certificates().get(0);
    assertThat(device.renew(Csr.newKey()).status()).isEqualTo(200);
    for (X509Certificate refused : List.of(device.first, second)) {
      String refusal =
          "{\"refusals\":[{\"stage\":\"handshake\",\"reason\":\"certificate-revoked\",\"serial\":\"%s\",\"address\":\"192.0.2.8\"}]}"
              .formatted(Serial.of(refused));
      assertThat(Client.broker(service).post("/v1/broker/report", refusal).status()).isEqualTo(204);
    }
    Awaitility.await().untilAsserted(() -> assertThat(device.alarms()).hasSize(1));
    assertThat(device.alarms().get(0).path("detail").asString())
        .contains(Serial.of(second).toString());
  }

  private void report(X509Certificate certificate) {
    String use =
        "{\"firstUses\":[{\"issuer\":\"issuing\",\"serial\":\"%s\",\"address\":\"192.0.2.9\"},{}]}"
            .formatted(Serial.of(certificate));
    assertThat(Client.broker(service).post("/v1/broker/report", use).status()).isEqualTo(204);
  }

  @Test
  void profileThatWasTakenAwayDoesNotComeBack() {
    Device device = new Device("sensor");
    X509Certificate second =
        Client.anonymous(service.endpoints())
            .enrol("/simpleenroll", device.id, device.token("other"), Csr.of(Csr.newKey()).base64())
            .certificates()
            .get(0);
    assertThat(second.getSubjectX500Principal().getName()).contains("OU=other");
    Answer refused = device.renew(Csr.newKey());
    assertThat(refused.reason()).isEqualTo(Reason.PROFILE_NOT_GRANTED);
    assertThat(refused.body()).contains(Serial.of(second).toString());
    assertThat(operator.get("/v1/devices/" + device.id).json().path("profile").asString())
        .isEqualTo("other");
  }

  @Test
  void ofManyRenewalsAtOnceOneSuccessorLives() {
    Device device = new Device("sensor");
    List<Answer> answers =
        IntStream.range(0, 8).parallel().mapToObj(i -> device.renew(Csr.newKey())).toList();
    assertThat(answers).anyMatch(answer -> answer.status() == 200);
    assertThat(answers).allMatch(a -> a.status() == 200 || a.reason() == Reason.REQUEST_UNDER_WAY);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(device.statuses().stream().filter(one -> one.contains(" active")))
                    .as("the first and one successor")
                    .hasSize(2));
  }

  @Test
  void revocationBesideRenewalsLeavesNothingGood() {
    Device device = new Device("sensor");
    List<Integer> statuses =
        IntStream.range(0, 6)
            .parallel()
            .map(
                i ->
                    i == 3
                        ? operator
                            .post(
                                "/v1/devices/" + device.id + "/revocation",
                                "{\"reason\":\"keyCompromise\"}")
                            .status()
                        : device.renew(Csr.newKey()).status())
            .boxed()
            .toList();
    assertThat(statuses.get(3)).isEqualTo(200);
    assertThat(device.statuses()).isNotEmpty().noneMatch(one -> one.contains(" active"));
    assertThat(device.renew(Csr.newKey()).reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
  }

  @Test
  void withoutOverlapThePredecessorEndsAndBrokersAreTold() {
    Device device = new Device("one");
    String request = Csr.of(Csr.newKey()).base64();
    X509Certificate second = device.client.renew(request).certificates().get(0);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(device.statuses()).contains(device.superseded(device.first)));
    assertThat(device.isActive(second)).isTrue();
    assertThat(device.renew(Csr.newKey()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    assertThat(device.alarms()).as("the second may be lost").isEmpty();
    assertThat(device.client.renew(request).certificates())
        .as("an answer that got lost")
        .containsExactly(second);
    assertThat(device.client.enrol(request).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
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
    KeyPair next = Csr.newKey();
    X509Certificate second = device.renew(next).certificates().get(0);
    X509Certificate third =
        device.with(next, second).renew(Csr.of(Csr.newKey()).base64()).certificates().get(0);
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
