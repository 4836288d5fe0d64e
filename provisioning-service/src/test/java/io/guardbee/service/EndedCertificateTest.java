package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way back for a device that was off when its certificate ended (TRAPS 29). */
class EndedCertificateTest {

  private static final Duration VALIDITY = Duration.ofHours(1);

  private final Later clock = new Later();
  private RunningService service;
  private Client operator;

  /** A clock that is set forward by hand. */
  private static final class Later extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    @Override
    public ZoneId getZone() {
      return ZoneId.of("UTC");
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }
  }

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            clock,
            directory.resolve("ended"),
            "profiles:",
            "  brief:",
            "    validity: " + VALIDITY,
            "    renewal:",
            "      expiredGrace: PT2H",
            "      overlap: PT10M",
            "  strict:",
            "    validity: " + VALIDITY,
            "    who: [token, current]");
    operator = Client.operator(service.endpoints());
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private Client enrolled(String id, String profile) {
    String token =
        operator
            .post("/v1/devices/" + id + "/grants", "{\"profile\":\"" + profile + "\"}")
            .json()
            .path("token")
            .asString();
    KeyPair key = Csr.newKey();
    X509Certificate certificate =
        Client.anonymous(service.endpoints())
            .enrol("/simpleenroll", id, token, Csr.of(key).base64())
            .certificates()
            .get(0);
    return Client.with(service.endpoints(), key, certificate);
  }

  private static String request() {
    return Csr.of(Csr.newKey()).base64();
  }

  @Test
  void endedCertificateReenrolsWithinItsGraceAndDoesNothingElse() {
    Client device = enrolled("d-1", "brief");
    clock.ahead = VALIDITY.plusMinutes(90);
    assertThat(device.get("/v1/devices").reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
    assertThat(device.get("/v1/feed").reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
    assertThat(device.enrol(request()).reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
    X509Certificate next = device.renew(request()).certificates().get(0);
    assertThat(next.getSubjectX500Principal().getName()).startsWith("CN=d-1,OU=brief");
    assertThat(next.getNotAfter()).isAfter(clock.instant());
  }

  @Test
  void graceIsUsedOnceAndItsSecondUseEndsNothing() {
    Client device = enrolled("d-6", "brief");
    clock.ahead = VALIDITY.plusMinutes(30);
    String request = request();
    X509Certificate next = device.renew(request).certificates().get(0);
    assertThat(device.renew(request).certificates()).as("a lost answer").containsExactly(next);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    clock.ahead = VALIDITY.plusMinutes(45); // the overlap is over
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(operator.get("/v1/devices/d-6").body())
                    .as("the ended one is superseded like any other")
                    .contains("\"reason\":\"superseded\""));
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    assertThat(operator.get("/v1/devices/d-6").json().path("certificates").get(1).path("status"))
        .hasToString("\"active\"");
  }

  @Test
  void graceServesADeviceWhoseRenewalWasLostBeforeItEnded() {
    Client device = enrolled("d-7", "brief");
    clock.ahead = VALIDITY.minusMinutes(5);
    assertThat(device.renew(request()).status()).isEqualTo(200);
    clock.ahead = VALIDITY.plusMinutes(1);
    String request = request();
    X509Certificate next = device.renew(request).certificates().get(0);
    assertThat(device.renew(request).certificates()).containsExactly(next);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
  }

  @Test
  void graceEnds() {
    Client device = enrolled("d-2", "brief");
    clock.ahead = VALIDITY.plusHours(2).plusMinutes(1);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
  }

  @Test
  void profileMayGiveNoWayBack() {
    Client device = enrolled("d-3", "strict");
    clock.ahead = VALIDITY.plusMinutes(1);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
  }

  @Test
  void revokedCertificateHasNoWayBack() {
    Client device = enrolled("d-4", "brief");
    operator.post("/v1/devices/d-4/revocation", "{\"reason\":\"keyCompromise\"}");
    clock.ahead = VALIDITY.plusMinutes(1);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
  }

  @Test
  void certificateWithASuccessorEndsWithTheOverlapAndHasNoWayBack() {
    Client device = enrolled("d-5", "brief");
    assertThat(device.renew(request()).status()).isEqualTo(200);
    clock.ahead = Duration.ofMinutes(5);
    assertThat(device.renew(request()).status()).as("within the overlap").isEqualTo(200);
    clock.ahead = Duration.ofMinutes(11);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(device.renew(request()).reason())
                    .isEqualTo(Reason.CERTIFICATE_SUPERSEDED));
    clock.ahead = VALIDITY.plusMinutes(1);
    assertThat(device.renew(request()).reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
  }
}
