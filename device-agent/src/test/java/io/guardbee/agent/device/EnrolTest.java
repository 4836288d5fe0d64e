package io.guardbee.agent.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.EstStub;
import io.guardbee.agent.EstStub.Held;
import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.hsm.Token;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device's first certificate: what is stored, and what is refused without a trace. */
class EnrolTest {

  private static final String SUBJECT = "CN=d-1,OU=sensor,O=Acme";

  private final Path home;

  private final DeviceId id = new DeviceId("d-1");
  private final TestCa root = TestCa.root();
  private final TestCa issuing = root.authority("issuing");

  EnrolTest(@TempDir Path home) {
    this.home = home;
  }

  @Test
  void enrolledDeviceHoldsItsCertificateAndTheAuthorities() throws Exception {
    try (EstStub est = right()) {
      Enrolment enrolment = DeviceAgent.enroll(home, request(est, EstStub.TOKEN));

      assertThat(enrolment.certificate().getSubjectX500Principal().getName()).contains("CN=d-1");
      assertThat(enrolment.chain()).hasSize(2).endsWith(issuing.certificate());
      assertThat(enrolment.root()).isEqualTo(root.certificate());
      try (DeviceAgent agent = DeviceAgent.open(home, id)) {
        assertThat(agent.enrolment()).isEqualTo(enrolment);
      }
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void keyInTokenIsEnrolledAndStaysThere() throws Exception {
    String place = TestToken.uri().withObject(TestToken.label("d-1")).toString();
    try (EstStub est = right()) {
      EnrolRequest request = new EnrolRequest(id, token(), peers(est), () -> KeyPlace.parse(place));
      Enrolment enrolment = DeviceAgent.enroll(home, request);

      assertThat(enrolment.key()).isEqualTo(place);
      try (Token token = TestToken.open()) {
        String label = KeyPlace.parse(place).toString().replaceAll(".*object=([^?;]*).*", "$1");
        assertThat(token.find(label).orElseThrow().privateKey().getEncoded()).isNull();
      }
    }
  }

  @Test
  void secondEnrolmentOfADeviceIsRefused() throws Exception {
    try (EstStub est = right()) {
      DeviceAgent.enroll(home, request(est, EstStub.TOKEN));
      assertRefused(
          () -> DeviceAgent.enroll(home, request(est, EstStub.TOKEN)), Reason.DEVICE_EXISTS);
    }
  }

  @Test
  void wrongTokenIsToldInTheServersWordsAndItsKeyServesTheNextAttempt() throws Exception {
    try (EstStub est = right()) {
      assertThatThrownBy(() -> DeviceAgent.enroll(home, request(est, "a-wrong-token")))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e ->
                  assertThat(e.line())
                      .isEqualTo("token-wrong: the token for d-1 is wrong; ask for a new grant"));
      String key = Files.readString(keyFile());

      DeviceAgent.enroll(home, request(est, EstStub.TOKEN));
      assertThat(Files.readString(keyFile())).isEqualTo(key);
    }
  }

  @Test
  void deviceThatIsPatientGetsItsCertificateOnceItIsApproved() throws Exception {
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).minusDays(1));
    try (EstStub est =
        right()
            .holding(
                new Held(202, "1", "approval-pending: d-1 waits for approval; come back\n"),
                new Held(202, date, ""),
                new Held(503, "1", "overloaded: too many; come back\n"))) {
      EnrolRequest request = request(est, EstStub.TOKEN).waiting(Duration.ofMinutes(5));
      Enrolment enrolment = DeviceAgent.enroll(home, request);
      assertThat(enrolment.deviceId()).isEqualTo(id);
      assertThat(est.requests()).filteredOn(asked -> asked.startsWith("simpleenroll")).hasSize(4);
    }
  }

  @Test
  void deviceThatDoesNotWaitIsToldWhenToComeBackAndKeepsItsKey() throws Exception {
    try (EstStub est = right().holding(new Held(202, "90", ""))) {
      assertThatThrownBy(() -> DeviceAgent.enroll(home, request(est, EstStub.TOKEN)))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.APPROVAL_PENDING);
                assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(90));
              });
      String key = Files.readString(keyFile());
      DeviceAgent.enroll(home, request(est, EstStub.TOKEN));
      assertThat(Files.readString(keyFile())).isEqualTo(key);
    }
  }

  @Test
  void refusalThatWaitingDoesNotChangeEndsThePatience() throws Exception {
    try (EstStub est = right()) {
      EnrolRequest request = request(est, "a-wrong-token").waiting(Duration.ofHours(1));
      assertRefused(() -> DeviceAgent.enroll(home, request), Reason.TOKEN_WRONG);
    }
  }

  @Test
  void wrongFingerprintSendsNothingAndMakesNothing() throws Exception {
    try (EstStub est = right()) {
      Fingerprint other = Fingerprint.of(TestCa.root().certificate());
      EnrolRequest.Peers peers = new EnrolRequest.Peers(est.uri(), broker(), other);

      assertRefused(
          () -> DeviceAgent.enroll(home, new EnrolRequest(id, token(), peers, this::keyPlace)),
          Reason.CERTIFICATE_UNTRUSTED);
      assertThat(est.requests()).containsExactly("cacerts");
      assertThat(home).isEmptyDirectory();
    }
  }

  @Test
  void certificateForAnotherNameIsNotStored() throws Exception {
    try (EstStub est =
        EstStub.issuing(root, issuing, key -> EstStub.certify(issuing, "CN=d-2,OU=sensor", key))) {
      assertRefused(
          () -> DeviceAgent.enroll(home, request(est, EstStub.TOKEN)), Reason.CSR_NAME_MISMATCH);
      assertNotEnrolled();
    }
  }

  @Test
  void certificateForAnotherKeyIsNotStored() throws Exception {
    var other = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
    try (EstStub est =
        EstStub.issuing(root, issuing, key -> EstStub.certify(issuing, SUBJECT, other))) {
      assertRefused(
          () -> DeviceAgent.enroll(home, request(est, EstStub.TOKEN)), Reason.REQUEST_MALFORMED);
      assertNotEnrolled();
    }
  }

  @Test
  void certificateOfAnAuthorityBesideTheRootIsNotStored() throws Exception {
    TestCa stranger = TestCa.root("Stranger").authority("issuing");
    try (EstStub est =
        EstStub.issuing(root, stranger, key -> EstStub.certify(stranger, SUBJECT, key))) {
      assertRefused(
          () -> DeviceAgent.enroll(home, request(est, EstStub.TOKEN)),
          Reason.CERTIFICATE_UNTRUSTED);
      assertNotEnrolled();
    }
  }

  @Test
  void keyFileThatOthersMayReadIsRefused() throws Exception {
    try (EstStub est = right()) {
      DeviceAgent.enroll(home, request(est, EstStub.TOKEN));
      Files.setPosixFilePermissions(keyFile(), PosixFilePermissions.fromString("rw-r--r--"));
      assertRefused(() -> DeviceAgent.open(home, id), Reason.KEY_UNSUPPORTED);
    }
  }

  @Test
  void keyThatIsNotTheCertificatesIsRefused() throws Exception {
    try (EstStub est = right()) {
      DeviceAgent.enroll(home, request(est, EstStub.TOKEN));
      Files.delete(keyFile());
      assertRefused(() -> DeviceAgent.open(home, id), Reason.KEY_MISSING);
      keyPlace().findOrMake(id).close();
      assertRefused(() -> DeviceAgent.open(home, id), Reason.KEY_MISSING);
    }
  }

  private EstStub right() throws Exception {
    return EstStub.issuing(root, issuing, key -> EstStub.certify(issuing, SUBJECT, key));
  }

  private EnrolRequest request(EstStub est, String token) {
    return new EnrolRequest(id, new EnrolToken(token), peers(est), this::keyPlace);
  }

  private static EnrolToken token() {
    return new EnrolToken(EstStub.TOKEN);
  }

  private EnrolRequest.Peers peers(EstStub est) {
    return new EnrolRequest.Peers(est.uri(), broker(), Fingerprint.of(root.certificate()));
  }

  private static URI broker() {
    return URI.create("ssl://localhost:8883");
  }

  private KeyPlace keyPlace() {
    return KeyPlace.parse("file:" + keyFile());
  }

  private Path keyFile() {
    return home.resolve("key.pem");
  }

  private void assertNotEnrolled() {
    assertRefused(() -> DeviceAgent.open(home, id), Reason.DEVICE_UNKNOWN);
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Reason reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
