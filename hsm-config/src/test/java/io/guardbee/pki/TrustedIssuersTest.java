package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.testing.TestCa;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

class TrustedIssuersTest {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant FROM = NOW.minus(Duration.ofDays(10));
  private static final Instant UNTIL = NOW.plus(Duration.ofDays(10));

  private final TestCa root =
      TestCa.draft("CN=Test Root").authority().valid(FROM, UNTIL).signedBy(null);
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

  /** RFC 5280 §4.1.2.2. */
  @Test
  void serialNumberOutOfOrderIsRefused() {
    TestCa negative = client().serial(BigInteger.valueOf(-5)).signedBy(issuing);
    TestCa none = client().serial(BigInteger.ZERO).signedBy(issuing);
    TestCa longer = client().serial(BigInteger.ONE.shiftLeft(160)).signedBy(issuing);

    assertRefused(negative, NOW, Reason.CERTIFICATE_MALFORMED, "serial");
    assertRefused(none, NOW, Reason.CERTIFICATE_MALFORMED, "serial");
    assertRefused(longer, NOW, Reason.CERTIFICATE_MALFORMED, "serial");
    assertThat(
            trusted.identify(
                client().serial(BigInteger.ONE.shiftLeft(158)).signedBy(issuing).certificate(),
                NOW))
        .isNotNull();
  }

  @Test
  void signatureThatOthersCanForgeIsRefused() {
    TestCa rsaAuthority =
        TestCa.draft("CN=issuing").authority().rsa(2048).valid(FROM, UNTIL).signedBy(root);
    TrustedIssuers rsa =
        new TrustedIssuers(Map.of(Identity.ISSUING, List.of(rsaAuthority.certificate())));

    assertRefused(
        client().signature("SHA1withECDSA").signedBy(issuing),
        NOW,
        Reason.CERTIFICATE_WEAK,
        "SHA1withECDSA");
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () ->
                rsa.identify(
                    client().signature("MD5withRSA").signedBy(rsaAuthority).certificate(), NOW))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_WEAK));
    assertThat(rsa.identify(client().signedBy(rsaAuthority).certificate(), NOW)).isNotNull();
  }

  @Test
  void shortRsaKeyIsRefused() {
    assertRefused(client().rsa(1024).signedBy(issuing), NOW, Reason.CERTIFICATE_WEAK, "1024 bits");
    assertThat(trusted.identify(client().rsa(2048).signedBy(issuing).certificate(), NOW))
        .isNotNull();
  }

  @Test
  void oversizedCertificateIsRefused() {
    TestCa huge =
        TestCa.draft("CN=d-1,OU=sensor,O=" + "x".repeat(9000))
            .valid(FROM, UNTIL)
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .signedBy(issuing);

    assertRefused(huge, NOW, Reason.CERTIFICATE_MALFORMED, "octets long");
  }

  @Test
  void unfitAuthorityVouchesForNobody() {
    TestCa forServers =
        TestCa.draft("CN=unfit")
            .authority()
            .purpose(KeyPurposeId.id_kp_serverAuth)
            .valid(FROM, UNTIL)
            .signedBy(root);
    TestCa short1 =
        TestCa.draft("CN=short").authority().rsa(1024).valid(FROM, UNTIL).signedBy(root);
    TestCa device = client().signedBy(issuing);
    TrustedIssuers unfit =
        new TrustedIssuers(
            Map.of(
                Identity.ISSUING,
                List.of(forServers.certificate(), short1.certificate(), device.certificate())));

    assertRefused(
        unfit, client().signedBy(forServers), NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "CN=unfit");
    assertRefused(unfit, client().signedBy(short1), NOW, Reason.CERTIFICATE_WEAK, "CN=short");
    assertRefused(
        unfit, client().signedBy(device), NOW, Reason.CERTIFICATE_PURPOSE_WRONG, "CN=d-1");
  }

  @Test
  void namesThatTheAuthorityMayNotCertifyAreRefused() {
    GeneralName acme = new GeneralName(new X500Name("O=Acme"));
    TestCa limited = TestCa.draft("CN=limited").permitted(acme).valid(FROM, UNTIL).signedBy(root);
    TrustedIssuers issuers = TrustedIssuers.of(Identity.ISSUING, List.of(path(limited)));

    assertThat(
            issuers.identify(
                client("CN=d-1,OU=sensor,O=Acme").signedBy(limited).certificate(), NOW))
        .isNotNull();
    assertRefused(
        issuers,
        client("CN=d-1,OU=sensor,O=Other").signedBy(limited),
        NOW,
        Reason.CERTIFICATE_UNTRUSTED,
        "may not certify");
  }

  @Test
  void constraintsOfAnAuthorityAboveHoldToo() {
    GeneralName acme = new GeneralName(new X500Name("O=Acme"));
    TestCa upper =
        TestCa.draft("CN=upper,O=Acme").permitted(acme).valid(FROM, UNTIL).signedBy(root);
    TestCa lower = TestCa.draft("CN=lower,O=Acme").authority().valid(FROM, UNTIL).signedBy(upper);
    TrustedIssuers issuers = TrustedIssuers.of(Identity.ISSUING, List.of(path(lower, upper)));

    assertThat(
            issuers.identify(client("CN=d-1,OU=sensor,O=Acme").signedBy(lower).certificate(), NOW))
        .isNotNull();
    assertRefused(
        issuers,
        client("CN=d-1,O=Other").signedBy(lower),
        NOW,
        Reason.CERTIFICATE_UNTRUSTED,
        "may not certify");
  }

  @Test
  void leafAloneIsCompletedOverSeveralLevels() {
    TestCa upper = TestCa.draft("CN=upper").pathLength(1).valid(FROM, UNTIL).signedBy(root);
    TestCa lower = TestCa.draft("CN=lower").pathLength(0).valid(FROM, UNTIL).signedBy(upper);
    TrustedIssuers issuers = TrustedIssuers.of(Identity.ISSUING, List.of(path(lower, upper)));

    assertThat(issuers.identify(client().signedBy(lower).certificate(), NOW)).isNotNull();
    // known on the way, but not told as one that issues
    assertRefused(issuers, client().signedBy(upper), NOW, Reason.CERTIFICATE_UNTRUSTED, "CN=upper");
  }

  @Test
  void endOfAnAuthorityOnTheWayEndsThoseBelow() {
    TestCa upper = TestCa.draft("CN=upper").authority().valid(FROM, NOW).signedBy(root);
    TestCa lower = TestCa.draft("CN=lower").authority().valid(FROM, UNTIL).signedBy(upper);
    TrustedIssuers issuers = TrustedIssuers.of(Identity.ISSUING, List.of(path(lower, upper)));
    TestCa device = client().signedBy(lower);

    assertThat(issuers.identify(device.certificate(), NOW)).isNotNull();
    assertRefused(issuers, device, NOW.plusSeconds(1), Reason.CERTIFICATE_EXPIRED, "CN=upper");
  }

  /** RFC 5280 §6.1.4 (m). */
  @Test
  void pathLengthIsKept() {
    TestCa upper = TestCa.draft("CN=upper").pathLength(0).valid(FROM, UNTIL).signedBy(root);
    TestCa lower = TestCa.draft("CN=lower").authority().valid(FROM, UNTIL).signedBy(upper);

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> path(lower, upper))
        .withMessageContaining("path length of 0");
  }

  @Test
  void authorityThatNoRootHasSignedLeadsNowhere() {
    TestCa stranger = TestCa.root("stranger").authority("issuing");
    TestCa impostor = TestCa.root("Test Root").authority("issuing");

    for (TestCa one : List.of(stranger, impostor)) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> path(one))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED));
    }
  }

  @Test
  void whatWasFoundGoodIsFoundGoodAgainAndEndsInTime() {
    Instant until = NOW.plusSeconds(60);
    TestCa device = client().valid(FROM, until).signedBy(issuing);

    Identity first = trusted.identify(device.certificate(), NOW);
    assertThat(
            trusted.identify(
                Pem.parseCertificates(Pem.certificate(device.certificate())).get(0), NOW))
        .isSameAs(first);
    assertRefused(device, until.plusMillis(1), Reason.CERTIFICATE_EXPIRED, "d-1");
    assertRefused(device, FROM.minusSeconds(1), Reason.CERTIFICATE_NOT_YET_VALID, "CN=issuing");
  }

  private AuthorityPath path(TestCa authority, TestCa... others) {
    return AuthorityPath.find(
        authority.certificate(),
        java.util.stream.Stream.of(others).map(TestCa::certificate).toList(),
        List.of(root.certificate()),
        NOW);
  }

  private static TestCa.Draft client(String subject) {
    return TestCa.draft(subject).valid(FROM, UNTIL).purpose(KeyPurposeId.id_kp_clientAuth);
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
    assertRefused(trusted, client, now, reason, detail);
  }

  private static void assertRefused(
      TrustedIssuers issuers, TestCa client, Instant now, Reason reason, String detail) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> issuers.identify(client.certificate(), now))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .withMessageContaining(detail);
  }
}
