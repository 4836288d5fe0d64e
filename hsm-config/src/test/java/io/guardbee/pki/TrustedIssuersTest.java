package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.testing.TestCa;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

class TrustedIssuersTest {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant FROM = NOW.minus(Duration.ofDays(10));
  private static final Instant UNTIL = NOW.plus(Duration.ofDays(10));

  private final TestCa root = TestCa.root();
  private final TestCa issuing = authority("issuing", FROM, UNTIL);
  private final TestCa operations = authority("operations", FROM, UNTIL);
  private final TrustedIssuers trusted =
      new TrustedIssuers(
          Map.of(
              Identity.ISSUING, List.of(issuing.certificate()),
              Identity.OPERATIONS, List.of(operations.certificate())));

  @Test
  void certificateSpeaksForItsAuthorityAndItsName() {
    Identity device = trusted.identify(client().signedBy(issuing).certificate(), NOW);
    Identity operator = trusted.identify(client().signedBy(operations).certificate(), NOW);

    assertThat(device.issuer()).isEqualTo(Identity.ISSUING);
    assertThat(device.deviceId()).hasToString("d-1");
    assertThat(device.profile()).isEqualTo("sensor");
    assertThat(operator.issuer()).isEqualTo(Identity.OPERATIONS);
    assertThat(operator).isNotEqualTo(device);
    assertThat(trusted.all()).contains(issuing.certificate(), operations.certificate());
  }

  @Test
  void anotherAuthorityOfTheSameNameIsNotTrusted() {
    TestCa impostor = authority("issuing", FROM, UNTIL);

    assertRefused(client().signedBy(impostor), NOW, Reason.CERTIFICATE_UNTRUSTED, "issuing");
  }

  @Test
  void otherAuthoritiesAreNotTrusted() {
    TestCa stranger = TestCa.root("stranger");

    assertRefused(client().signedBy(stranger), NOW, Reason.CERTIFICATE_UNTRUSTED, "stranger");
    assertRefused(client().signedBy(root), NOW, Reason.CERTIFICATE_UNTRUSTED, "Test Root");
    assertRefused(client().signedBy(null), NOW, Reason.CERTIFICATE_UNTRUSTED, "d-1");
    // a device's own certificate is no authority
    TestCa device = client().signedBy(issuing);
    assertRefused(client().signedBy(device), NOW, Reason.CERTIFICATE_UNTRUSTED, "d-1");
  }

  @Test
  void validityIsKeptToTheSecond() {
    Instant from = NOW.minusSeconds(60);
    Instant until = NOW.plusSeconds(60);
    TestCa device = client().valid(from, until).signedBy(issuing);

    assertRefused(device, from.minusMillis(1), Reason.CERTIFICATE_NOT_YET_VALID, "d-1");
    assertThat(trusted.identify(device.certificate(), from)).isNotNull();
    assertThat(trusted.identify(device.certificate(), until)).isNotNull();
    assertRefused(device, until.plusMillis(1), Reason.CERTIFICATE_EXPIRED, "d-1");
  }

  @Test
  void authorityOutsideItsValidityVouchesForNobody() {
    TestCa device =
        client().valid(FROM.minusSeconds(600), UNTIL.plusSeconds(600)).signedBy(issuing);

    assertRefused(device, UNTIL.plusSeconds(1), Reason.CERTIFICATE_EXPIRED, "CN=issuing");
    assertRefused(device, FROM.minusSeconds(1), Reason.CERTIFICATE_NOT_YET_VALID, "CN=issuing");
  }

  @Test
  void renewedAuthorityVouchesWhereItsPredecessorOfTheSameKeyHasExpired() {
    X509Certificate renewed =
        TestCa.draft("CN=issuing")
            .authority()
            .valid(UNTIL, UNTIL.plus(Duration.ofDays(10)))
            .certifiedBy(root, issuing.certificate().getPublicKey());
    TrustedIssuers both =
        new TrustedIssuers(Map.of(Identity.ISSUING, List.of(issuing.certificate(), renewed)));
    TestCa device = client().valid(FROM, UNTIL.plus(Duration.ofDays(5))).signedBy(issuing);

    assertThat(both.identify(device.certificate(), UNTIL.plusSeconds(1)).deviceId())
        .hasToString("d-1");
    assertThat(both.identify(device.certificate(), NOW).deviceId()).hasToString("d-1");
  }

  @Test
  void successorOfTheSameNameVouchesBesideItsPredecessor() {
    TestCa successor = authority("issuing", FROM, UNTIL);
    TrustedIssuers both =
        new TrustedIssuers(
            Map.of(Identity.ISSUING, List.of(issuing.certificate(), successor.certificate())));

    assertThat(both.identify(client().signedBy(issuing).certificate(), NOW)).isNotNull();
    assertThat(both.identify(client().signedBy(successor).certificate(), NOW)).isNotNull();
  }

  @Test
  void certificateForAnotherPurposeIsRefused() {
    TestCa.Draft none = TestCa.draft("CN=d-1").valid(FROM, UNTIL);
    TestCa.Draft server =
        TestCa.draft("CN=d-1").valid(FROM, UNTIL).purpose(KeyPurposeId.id_kp_serverAuth);
    TestCa.Draft any =
        TestCa.draft("CN=d-1").valid(FROM, UNTIL).purpose(KeyPurposeId.anyExtendedKeyUsage);

    assertRefused(none.signedBy(issuing), NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "clientAuth");
    assertRefused(server.signedBy(issuing), NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "clientAuth");
    assertRefused(any.signedBy(issuing), NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "clientAuth");
  }

  @Test
  void authorityIsNoClient() {
    assertRefused(
        client().authority().signedBy(issuing),
        NOW,
        Reason.CERTIFICATE_PURPOSE_WRONG,
        "clientAuth");
  }

  /** RFC 5280 §4.2: a critical extension that is not understood ends it. */
  @Test
  void unknownCriticalExtensionIsRefused() {
    TestCa device = client().criticalExtension("1.3.6.1.4.1.99999.2").signedBy(issuing);

    assertRefused(device, NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "1.3.6.1.4.1.99999.2");
  }

  private static TestCa.Draft client() {
    return TestCa.draft("CN=d-1,OU=sensor")
        .valid(FROM, UNTIL)
        .purpose(KeyPurposeId.id_kp_clientAuth);
  }

  private TestCa authority(String name, Instant from, Instant until) {
    return TestCa.draft("CN=" + name).authority().valid(from, until).signedBy(root);
  }

  private void assertRefused(TestCa client, Instant now, Reason reason, String detail) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> trusted.identify(client.certificate(), now))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .withMessageContaining(detail);
  }
}
