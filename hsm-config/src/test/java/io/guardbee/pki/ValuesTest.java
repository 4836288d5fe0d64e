package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.testing.TestCa;
import java.math.BigInteger;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Serial numbers, fingerprints and the codes of reasons. */
class ValuesTest {

  @Test
  void randomSerialIsPositiveAndAlwaysTwentyOctets() {
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < 1000; i++) {
      Serial serial = Serial.random(random);

      assertThat(serial.value().toByteArray()).hasSize(Serial.MAX_OCTETS);
      assertThat(serial.value()).isPositive();
      assertThat(Serial.parse(serial.toString())).isEqualTo(serial);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 01", "f, 0F", "4Fa0, 4FA0", "00ff, FF"})
  void serialReadsAsToolsPrintIt(String given, String shown) {
    assertThat(Serial.parse(given)).hasToString(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "+1",
        "0x1",
        "4F A0",
        "4F:A0",
        "G",
        "１",
        "1\n",
        "8000000000000000000000000000000000000000",
        "11111111111111111111111111111111111111111"
      })
  void serialOutsideItsGrammarIsRefused(String given) {
    assertRefused(Reason.REQUEST_MALFORMED, () -> Serial.parse(given));
  }

  @Test
  void serialHoldsThePositiveNumbersOfTwentyOctets() {
    BigInteger tooLong = BigInteger.ONE.shiftLeft(159);

    assertThat(new Serial(tooLong.subtract(BigInteger.ONE)).toString()).hasSize(40);
    assertRefused(Reason.REQUEST_MALFORMED, () -> new Serial(tooLong));
    assertRefused(Reason.REQUEST_MALFORMED, () -> new Serial(BigInteger.ZERO));
    assertRefused(Reason.REQUEST_MALFORMED, () -> new Serial(BigInteger.ONE.negate()));
  }

  @Test
  void fingerprintReadsWhatPeoplePaste() throws Exception {
    TestCa ca = TestCa.root();
    Fingerprint fingerprint = Fingerprint.of(ca.certificate());
    String hex = fingerprint.hex();
    String likeOpenssl = hex.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?=.)", "$1:");

    assertThat(fingerprint).hasToString("sha256:" + hex);
    assertThat(Fingerprint.parse(fingerprint.toString())).isEqualTo(fingerprint);
    assertThat(Fingerprint.parse(" " + hex + "\n")).isEqualTo(fingerprint);
    assertThat(Fingerprint.parse(likeOpenssl)).isEqualTo(fingerprint);
    assertThat(Fingerprint.parse("SHA256:" + likeOpenssl)).isEqualTo(fingerprint);
    assertThat(Fingerprint.of(ca.certificate().getEncoded())).isEqualTo(fingerprint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "sha256:", "sha256:00", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"})
  void textThatIsNoFingerprintIsRefused(String text) {
    assertRefused(Reason.REQUEST_MALFORMED, () -> Fingerprint.parse(text));
    assertRefused(Reason.REQUEST_MALFORMED, () -> new Fingerprint(text));
    assertRefused(Reason.REQUEST_MALFORMED, () -> Fingerprint.parse(text + "g".repeat(64)));
  }

  /** Programs act on these codes: one may be added, none may change or go. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "token-missing token-wrong token-used token-expired",
        "csr-malformed csr-signature-invalid csr-name-mismatch csr-ca-requested",
        "key-unsupported key-weak key-bound-to-other-device key-revoked",
        "device-id-invalid device-unknown device-exists device-revoked profile-unknown",
        "certificate-missing certificate-untrusted certificate-expired certificate-not-yet-valid",
        "certificate-purpose-wrong certificate-revoked certificate-unknown role-missing",
        "attribute-invalid client-id-mismatch policy-no-rule topic-not-allowed status-stale"
            + " feed-refused",
        "request-malformed request-too-large not-found configuration-invalid policy-invalid",
        "port-in-use module-missing module-failed pin-wrong key-missing storage-failed",
        "broker-not-acknowledged service-unreachable internal"
      })
  void reasonCodesAreStable(String codes) {
    for (String code : codes.split(" ", -1)) {
      assertThat(Reason.parse(code)).as(code).isPresent();
      assertThat(Reason.parse(code).orElseThrow()).hasToString(code);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "TOKEN_USED", "Token-Used", "token_used", "token-used ", "nonsense"})
  void otherTextIsNoReason(String code) {
    assertThat(Reason.parse(code)).isEmpty();
  }

  @Test
  void refusalOfAPeerReadsBackAndCannotSteerATerminal() {
    RefusedException refused =
        new RefusedException(Reason.TOKEN_USED, "token is used; twice", "ask for another");

    RefusedException read = RefusedException.parse(refused.line()).orElseThrow();

    assertThat(read.line()).isEqualTo(refused.line());
    assertThat(read.getStackTrace()).isEmpty();
    assertThat(RefusedException.parse("token-used: a\u001b[2Jb\nc; d").orElseThrow().line())
        .isEqualTo("token-used: a\\u001B[2Jb\\u000Ac; d");
    assertThat(RefusedException.parse("502 Bad Gateway: no")).isEmpty();
    assertThat(RefusedException.parse("token-used")).isEmpty();
  }

  @Test
  void failureIsToldWithoutTheNamesOfJavaTypes() {
    assertThat(
            Quoted.failure(
                new java.security.cert.CertificateException(
                    "Unable to initialize, java.io.IOException: Short read of DER length")))
        .isEqualTo("Unable to initialize, Short read of DER length");
    assertThat(Quoted.failure(new java.io.IOException("/etc/guardbee.d/Pin is not there")))
        .isEqualTo("/etc/guardbee.d/Pin is not there");
    assertThat(Quoted.failure(new IllegalStateException("java.net.ConnectException")))
        .isEqualTo("illegal state");
    assertThat(Quoted.failure(new java.nio.channels.ClosedChannelException()))
        .isEqualTo("closed channel");
  }

  private static void assertRefused(
      Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .satisfies(e -> assertThat(e.line().lines()).hasSize(1));
  }
}
