package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.Neighbourhood.Guests;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Certificates that an issuing authority should never have signed, and chains that lead astray:
 * each is refused with its own reason in the log, whatever the client id, and the neighbours go on.
 */
@ExtendWith(Guests.class)
class HostileCertificateIT {

  private static final int NOBODY = -1;

  private static TestCa issuing() {
    return Guests.here().pki().issuing();
  }

  private static TestCa signed(Forged forged) {
    return forged.signedBy(issuing());
  }

  private static Arguments hostile(String what, String reason, Supplier<TestCa> certificate) {
    return Arguments.of(what, reason, certificate);
  }

  private static Arguments named(String what, String... commonNames) {
    return hostile(what, "attribute-invalid", () -> signed(Forged.named(commonNames)));
  }

  static Stream<Arguments> names() {
    return Stream.of(
        named("no CN"),
        named("two CNs", "d-1", "d-2"),
        named("the same CN twice", "d-1", "d-1"),
        named("empty CN", ""),
        named("all of a level", "+"),
        named("all of the rest", "#"),
        named("two levels", "a/b"),
        named("the broker's own topics", "$SYS"),
        named("a shared subscription", "$share"),
        named("NUL", "d\0x"),
        named("NUL at the end", "d-good\0"),
        named("line feed", "d-good\nrefused TLS handshake of nobody"),
        named("escape sequence", "\u001b[2Jd-1"),
        named("right to left", "d\u202egood-"),
        named("right-to-left mark", "d-good\u200f"),
        named("no width", "d-go\u200bod"),
        named("line separator", "d\u2028x"),
        hostile(
            "BMPString",
            "attribute-invalid",
            () -> signed(Forged.named(new DERBMPString("d-good")))),
        hostile(
            "another OU beside sensor",
            "attribute-invalid",
            () -> signed(Forged.named("d-two-ou").and(BCStyle.OU, "application"))));
  }

  static Stream<Arguments> forms() {
    return Stream.of(
        hostile(
            "1,000 SANs",
            "certificate-malformed",
            () -> signed(device("d-sans").alternativeNames(1000))),
        hostile("negative serial", "certificate-malformed", () -> serial(BigInteger.valueOf(-77))),
        hostile("serial of zero", "certificate-malformed", () -> serial(BigInteger.ZERO)),
        hostile(
            "serial of 21 octets",
            "certificate-malformed",
            () -> serial(BigInteger.ONE.shiftLeft(8 * 20 + 2))),
        hostile(
            "SHA-1", "certificate-weak", () -> signed(device("d-sha1").signature("SHA1withECDSA"))),
        hostile("SHA-1 with RSA", "certificate-weak", () -> rsa("SHA1withRSA")),
        hostile("MD5 with RSA", "certificate-weak", () -> rsa("MD5withRSA")),
        hostile(
            "RSA of 1024 bits", "certificate-weak", () -> signed(device("d-weak").key("RSA-1024"))),
        hostile(
            "expired",
            "certificate-expired",
            () -> signed(device("d-old").validFrom(Instant.now().minus(Duration.ofDays(31))))),
        hostile(
            "not yet valid",
            "certificate-not-yet-valid",
            () -> signed(device("d-soon").validFrom(Instant.now().plusSeconds(600)))),
        hostile(
            "a server's",
            "certificate-purpose-wrong",
            () -> signed(device("d-server").purposes(KeyPurposeId.id_kp_serverAuth))),
        hostile(
            "for any purpose",
            "certificate-purpose-wrong",
            () -> signed(device("d-any").purposes(KeyPurposeId.anyExtendedKeyUsage))),
        hostile(
            "for no purpose",
            "certificate-purpose-wrong",
            () -> signed(device("d-none").purposes())),
        hostile(
            "an authority's",
            "certificate-purpose-wrong",
            () -> signed(device("d-ca").authority(-1))),
        hostile(
            "critical extension that nobody knows",
            "certificate-purpose-wrong",
            () ->
                signed(
                    device("d-crit")
                        .extension(
                            new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"),
                            true,
                            DERNull.INSTANCE))),
        hostile("itself its signer", "certificate-untrusted", HostileCertificateIT::selfSigned));
  }

  static Stream<Arguments> chains() {
    return Stream.of(
        hostile(
            "authority below one that may have none",
            "certificate-untrusted",
            () -> {
              TestCa last = device("last-authority").authority(0).signedBy(issuing());
              return device("d-path").signedBy(device("one-more").authority(-1).signedBy(last));
            }),
        hostile(
            "authority that is no authority",
            "certificate-untrusted",
            () -> device("d-below").signedBy(signed(device("d-parent")))),
        hostile(
            "name outside of what its authority may give",
            "certificate-untrusted",
            () -> device("d-outside").alternativeNames(1).signedBy(constrained())),
        hostile(
            "the same certificate again and again",
            "certificate-malformed",
            () -> {
              TestCa own = signed(device("d-again"));
              return withChain(own, Collections.nCopies(4, own.certificate()));
            }),
        hostile("loop of two authorities", "certificate-untrusted", HostileCertificateIT::loop),
        hostile(
            "chain in disorder",
            "certificate-untrusted",
            () -> {
              TestCa other = TestCa.root("Other Root").authority("other").device("d-disorder");
              return withChain(other, List.of(other.certificate(), issuing().certificate()));
            }));
  }

  private static Forged device(String commonName) {
    return Forged.named(commonName);
  }

  private static TestCa serial(BigInteger serial) {
    return signed(device("d-serial").serial(serial));
  }

  private static TestCa rsa(String signature) {
    return device("d-rsa").signature(signature).signedBy(Guests.here().rsaAuthority());
  }

  private static TestCa selfSigned() {
    return TestCa.root("d-self");
  }

  private static TestCa constrained() {
    GeneralSubtree[] permitted = {
      new GeneralSubtree(new GeneralName(GeneralName.dNSName, "acme.test"))
    };
    return signed(
        device("narrow-authority")
            .authority(-1)
            .extension(Extension.nameConstraints, true, new NameConstraints(permitted, null)));
  }

  /** Two authorities that vouch for each other: whoever follows the chain never ends. */
  private static TestCa loop() {
    TestCa first = TestCa.root("Loop One");
    TestCa second = first.authority("Loop Two");
    X509Certificate back =
        TestCa.draft("CN=Loop One")
            .authority()
            .certifiedBy(second, first.certificate().getPublicKey());
    TestCa leaf = device("d-loop").signedBy(first);
    return withChain(leaf, List.of(leaf.certificate(), back, second.certificate()));
  }

  private static TestCa withChain(TestCa own, List<X509Certificate> chain) {
    return new TestCa(own.certificate(), own.key(), chain);
  }

  /** The reason code of CONNACK, or none when the handshake did not come to that. */
  private static int come(TestCa own, String clientId, String protocol) {
    Pki pki = Guests.here().pki();
    try (RawMqtt raw =
        new RawMqtt(pki.insistentContext(own), Guests.here().broker().port(), protocol)) {
      return raw.connect(clientId);
    } catch (IOException e) {
      return NOBODY;
    }
  }

  /** As the log writes serial numbers, good and bad. */
  private static String serialOf(X509Certificate certificate) {
    try {
      return Serial.of(certificate).toString();
    } catch (RefusedException e) {
      return certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"names", "forms", "chains"})
  void isRefusedWithItsReason(String what, String reason, Supplier<TestCa> hostile) {
    TestCa own = hostile.get();
    String commonName =
        own.certificate()
            .getSubjectX500Principal()
            .getName()
            .replaceAll("(?s).*CN=([^,]*).*", "$1");
    int from = Guests.here().log().size();
    for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
      assertThat(come(own, commonName, protocol)).as(protocol).isNotZero();
    }
    assertThat(come(own, "d-good", "TLSv1.3")).isNotZero();
    Guests.here().awaitLine(from, "refused", "serial " + serialOf(own.certificate()), reason);
    assertThat(Guests.here().log().stream().skip(from))
        .as("one line each, nothing that steers a terminal")
        .allMatch(line -> line.chars().noneMatch(c -> Character.isISOControl(c) && c != '\t'))
        .noneMatch(line -> line.startsWith("refused"));
  }

  /** Java's own limits act before anybody of ours is asked: the broker's log says which. */
  @Test
  void messageThatIsTooLongIsRefused() {
    int from = Guests.here().log().size();
    TestCa own = signed(device("d-long").and(BCStyle.O, "x".repeat(64 * 1024)));
    assertThat(come(own, "d-long", "TLSv1.3")).isEqualTo(NOBODY);
    assertThat(come(own, "d-long", "TLSv1.2")).isEqualTo(NOBODY);
    Guests.here().awaitLine(from, "127.0.0.1", "tls-failed", "size of the handshake message");
  }

  @Test
  void chainOfTwentyIsRefused() {
    int from = Guests.here().log().size();
    TestCa last = signed(device("authority-0").authority(-1));
    for (int i = 1; i < 19; i++) {
      last = device("authority-" + i).authority(-1).signedBy(last);
    }
    TestCa own = device("d-chain").signedBy(last);
    assertThat(own.chain()).hasSizeGreaterThanOrEqualTo(20);
    assertThat(come(own, "d-chain", "TLSv1.3")).isEqualTo(NOBODY);
    assertThat(come(own, "d-chain", "TLSv1.2")).isEqualTo(NOBODY);
    Guests.here().awaitLine(from, "127.0.0.1", "tls-failed", "certificate chain length");
  }

  /** As many clients are set up: with all that is above it, the root too. */
  @Test
  void goodCertificateComesInWithItsWholeChain() {
    TestCa good = signed(device("d-whole"));
    List<X509Certificate> chain =
        List.of(
            good.certificate(), issuing().certificate(), Guests.here().pki().root().certificate());
    assertThat(come(withChain(good, chain), "d-whole", "TLSv1.3")).isZero();
  }
}
