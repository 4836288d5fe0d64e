package io.guardbee.service.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check, failed; and the kinds of certificates that pass all of them. */
class CertificateLintTest {

  private static final int YEAR_2060 = 2060;

  record Fault(String check, String what, Consumer<Sample> spoil) {
    @Override
    public String toString() {
      return check + ": " + what;
    }
  }

  private static Fault fault(String check, String what, Consumer<Sample> spoil) {
    return new Fault(check, what, spoil);
  }

  private static X500Name one(ASN1ObjectIdentifier type, ASN1Encodable value) {
    return new X500Name(new RDN[] {new RDN(type, value)});
  }

  private static Date year(int year) {
    return Date.from(Instant.parse(year + "-01-01T00:00:00Z"));
  }

  static Stream<Fault> faults() {
    List<Fault> all = new ArrayList<>();
    all.addAll(ofFields());
    all.addAll(ofExtensions());
    all.addAll(ofNames());
    all.addAll(ofPurposes());
    return all.stream();
  }

  private static List<Fault> ofFields() {
    return List.of(
        fault(
            "version",
            "version 2",
            sample -> {
              sample.version = 1;
              sample.extensions.clear(); // with them it would not even read
            }),
        fault("serial", "zero", sample -> sample.serial = BigInteger.ZERO),
        fault("serial", "negative", sample -> sample.serial = BigInteger.ONE.negate()),
        fault("serial", "21 octets", sample -> sample.serial = BigInteger.ONE.shiftLeft(160)),
        fault(
            "signature-algorithm",
            "of another key",
            sample ->
                sample.algorithm =
                    new AlgorithmIdentifier(
                        PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE)),
        fault(
            "signature-algorithm",
            "SHA-1",
            sample ->
                sample.algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA1)),
        fault(
            "signature-algorithm",
            "parameters",
            sample ->
                sample.algorithm =
                    new AlgorithmIdentifier(
                        X9ObjectIdentifiers.ecdsa_with_SHA256, DERNull.INSTANCE)),
        fault(
            "issuer",
            "the same name in another string type",
            sample -> sample.issuerName = one(BCStyle.CN, new DERUTF8String("Sample CA"))),
        fault("times", "the end first", sample -> sample.from = new Time(year(YEAR_2060))),
        fault(
            "times",
            "GeneralizedTime before 2050",
            sample -> sample.until = Time.getInstance(new ASN1GeneralizedTime(year(2040)))),
        fault("within-issuer", "later", sample -> sample.until = new Time(year(YEAR_2060))),
        fault("subject", "empty", sample -> sample.subject = Sample.name("")),
        fault(
            "strings",
            "BMPString",
            sample -> sample.subject = one(BCStyle.CN, new DERBMPString("d-1"))),
        fault(
            "strings",
            "country in UTF-8",
            sample -> sample.subject = one(BCStyle.C, new DERUTF8String("DE"))),
        fault(
            "lengths",
            "long organization",
            sample -> sample.subject = one(BCStyle.O, new DERUTF8String("a".repeat(65)))),
        fault(
            "lengths",
            "empty name",
            sample -> sample.subject = one(BCStyle.CN, new DERUTF8String(""))),
        fault("lengths", "country", sample -> sample.subject = Sample.name("CN=a,C=DEU")),
        fault(
            "public-key",
            "explicit parameters",
            sample ->
                sample.key =
                    new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(
                            X9ObjectIdentifiers.id_ecPublicKey, new DERSequence()),
                        sample.key.getPublicKeyData().getBytes())),
        fault("public-key", "another curve", sample -> sample.ofKey(unknownCurve(sample))),
        fault("unique-ids", "there", sample -> sample.issuerId = new DERBitString(new byte[] {1})));
  }

  private static SubjectPublicKeyInfo unknownCurve(Sample sample) {
    return new SubjectPublicKeyInfo(
        new AlgorithmIdentifier(
            X9ObjectIdentifiers.id_ecPublicKey, new ASN1ObjectIdentifier("1.3.132.0.10")),
        sample.key.getPublicKeyData().getBytes());
  }

  private static List<Fault> ofExtensions() {
    KeyPurposeId client = KeyPurposeId.id_kp_clientAuth;
    int sign = KeyUsage.digitalSignature;
    return List.of(
        fault(
            "extensions-known",
            "certificate policies",
            sample -> sample.with(Extension.certificatePolicies, false, new DERSequence())),
        fault("basic-constraints", "none", s -> s.without(Extension.basicConstraints)),
        fault(
            "basic-constraints",
            "not critical",
            s -> s.with(Extension.basicConstraints, false, new BasicConstraints(false))),
        fault(
            "basic-constraints",
            "an authority",
            s -> s.with(Extension.basicConstraints, true, new BasicConstraints(true))),
        fault(
            "basic-constraints",
            "does not read",
            s -> s.with(Extension.basicConstraints, true, new DEROctetString(new byte[] {1}))),
        fault("key-usage", "none", s -> s.without(Extension.keyUsage)),
        fault(
            "key-usage",
            "not critical",
            s -> s.with(Extension.keyUsage, false, new KeyUsage(sign))),
        fault("key-usage", "empty", s -> s.usage(0)),
        fault("key-usage", "an authority's", s -> s.usage(sign | KeyUsage.keyCertSign)),
        fault("key-usage", "signs lists", s -> s.usage(sign | KeyUsage.cRLSign)),
        fault("key-usage", "one way", s -> s.usage(sign | KeyUsage.encipherOnly)),
        fault("key-usage-of-key", "EC enciphers", s -> s.usage(sign | KeyUsage.keyEncipherment)),
        fault("key-usage-of-key", "RSA agrees", s -> s.rsa().usage(sign | KeyUsage.keyAgreement)),
        fault(
            "key-usage-of-key",
            "Ed25519 agrees",
            s -> s.ed25519().usage(sign | KeyUsage.keyAgreement)),
        fault("extended-key-usage", "none", s -> s.without(Extension.extendedKeyUsage)),
        fault("extended-key-usage", "any", s -> s.purposes(KeyPurposeId.anyExtendedKeyUsage)),
        fault("extended-key-usage", "twice", s -> s.purposes(client, client)),
        fault("extended-key-usage", "without a signature", s -> s.usage(KeyUsage.keyAgreement)),
        fault(
            "extended-key-usage",
            "client and responder",
            s -> responder(s).purposes(client, KeyPurposeId.id_kp_OCSPSigning)),
        fault("subject-key-id", "none", s -> s.without(Extension.subjectKeyIdentifier)),
        fault(
            "subject-key-id",
            "of another key",
            s ->
                s.with(
                    Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(new byte[20]))),
        fault("authority-key-id", "none", s -> s.without(Extension.authorityKeyIdentifier)),
        fault(
            "authority-key-id",
            "critical",
            s -> s.with(Extension.authorityKeyIdentifier, true, Sample.authorityKey())),
        fault(
            "authority-key-id",
            "of another key",
            s ->
                s.with(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(new byte[20]))),
        fault("crl-distribution-points", "none", s -> s.without(Extension.cRLDistributionPoints)),
        fault(
            "crl-distribution-points",
            "https",
            s ->
                s.with(
                    Extension.cRLDistributionPoints, false, Sample.points("https://a.example/"))),
        fault(
            "crl-distribution-points",
            "empty",
            s -> s.with(Extension.cRLDistributionPoints, false, new DERSequence())),
        fault("authority-information", "none", s -> s.without(Extension.authorityInfoAccess)),
        fault(
            "authority-information",
            "no responder",
            s ->
                s.with(
                    Extension.authorityInfoAccess,
                    false,
                    new AuthorityInformationAccess(
                        AccessDescription.id_ad_caIssuers,
                        new GeneralName(
                            GeneralName.uniformResourceIdentifier, "http://a.example/a.cer")))),
        fault(
            "ocsp-no-check",
            "a device's",
            s -> s.with(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE)),
        fault(
            "ocsp-no-check",
            "a responder's without",
            s -> responder(s).without(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck)));
  }

  private static Sample responder(Sample sample) {
    return sample
        .without(
            Extension.cRLDistributionPoints,
            Extension.authorityInfoAccess,
            Extension.subjectAlternativeName)
        .purposes(KeyPurposeId.id_kp_OCSPSigning)
        .with(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE);
  }

  /**
   * The pairs of RFC 5280 §4.2.1.12 that do not fit, as zlint's {@code
   * e_key_usage_and_extended_key_usage_inconsistent} finds them.
   */
  private static List<Fault> ofPurposes() {
    KeyPurposeId client = KeyPurposeId.id_kp_clientAuth;
    KeyPurposeId server = KeyPurposeId.id_kp_serverAuth;
    KeyPurposeId authority = KeyPurposeId.id_kp_cmcRA;
    int sign = KeyUsage.digitalSignature;
    String check = "key-usage-of-purposes";
    return List.of(
        fault(check, "client transports", s -> s.rsa().usage(sign | KeyUsage.keyEncipherment)),
        fault(check, "client enciphers", s -> s.rsa().usage(sign | KeyUsage.dataEncipherment)),
        fault(check, "client attests", s -> s.usage(sign | KeyUsage.nonRepudiation)),
        fault(
            check, "server attests", s -> s.purposes(server).usage(sign | KeyUsage.nonRepudiation)),
        fault(
            check,
            "server enciphers data",
            s -> s.rsa().purposes(server).usage(sign | KeyUsage.dataEncipherment)),
        fault(
            check,
            "station transports",
            s -> s.rsa().purposes(client, authority).usage(sign | KeyUsage.keyEncipherment)),
        fault(
            check,
            "registration authority agrees",
            s -> s.purposes(authority).usage(sign | KeyUsage.keyAgreement)),
        fault(
            check,
            "responder transports",
            s -> responder(s.rsa()).usage(sign | KeyUsage.keyEncipherment)));
  }

  private static List<Fault> ofNames() {
    List<Fault> all = new ArrayList<>();
    GeneralName good = new GeneralName(GeneralName.dNSName, "a.example");
    all.add(fault("alternative-names", "twice", s -> s.names(good, good)));
    all.add(
        fault(
            "alternative-names",
            "empty",
            s -> s.with(Extension.subjectAlternativeName, false, new DERSequence())));
    all.add(
        fault(
            "alternative-names",
            "critical",
            s -> s.with(Extension.subjectAlternativeName, true, new DERSequence(good))));
    all.add(
        fault("name-forms", "a directory's", s -> s.name(GeneralName.directoryName, "CN=someone")));
    for (String dns :
        List.of(
            "",
            " ",
            "a b",
            "a..b",
            "-a.example",
            "a-.example",
            "my_host",
            "a.",
            "*",
            "a.*.example",
            "a".repeat(64) + ".example",
            "ab.".repeat(84) + "example")) {
      all.add(fault("dns-names", dns, s -> s.name(GeneralName.dNSName, dns)));
    }
    all.add(
        fault(
            "addresses",
            "5 octets",
            s -> s.names(new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5])))));
    for (String uri : List.of("", "d-1", "urn:a b", "http:", "http://a_b c/", "http://[a]/")) {
      all.add(fault("uris", uri, s -> s.name(GeneralName.uniformResourceIdentifier, uri)));
    }
    for (String mail : List.of("", "d-1", "<d-1@a.example>", "d 1@a.example", "d@a@a", "d@-a")) {
      all.add(fault("mail-addresses", mail, s -> s.name(GeneralName.rfc822Name, mail)));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultIsFound(Fault fault) {
    Sample sample = Sample.good();
    fault.spoil().accept(sample);
    assertThat(CertificateLint.findings(sample.octets(), sample.issuer))
        .extracting(Finding::check)
        .contains(fault.check());
    assertThatThrownBy(() -> Linted.of(sample.draft(), sample.issuer))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(e.detail()).contains(fault.check());
            });
  }

  static Stream<Sample> goods() {
    return Stream.of(
        Sample.good(),
        Sample.good().without(Extension.subjectAlternativeName),
        Sample.good().rsa(),
        Sample.good()
            .rsa()
            .usage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment)
            .purposes(KeyPurposeId.id_kp_serverAuth),
        Sample.good()
            .rsa()
            .usage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment)
            .purposes(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth),
        Sample.good().usage(KeyUsage.digitalSignature | KeyUsage.keyAgreement),
        Sample.good().ed25519(),
        Sample.good().ofKey(Sample.key("secp384r1")),
        Sample.good().purposes(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth),
        Sample.good().name(GeneralName.dNSName, "*.acme.example"),
        Sample.good().name(GeneralName.dNSName, "localhost"),
        Sample.good().name(GeneralName.iPAddress, "2001:db8::1"),
        Sample.good().name(GeneralName.uniformResourceIdentifier, "spiffe://acme.example/d-1"),
        responder(Sample.good()));
  }

  @ParameterizedTest
  @MethodSource("goods")
  void goodOnePasses(Sample sample) {
    assertThat(CertificateLint.findings(sample.octets(), sample.issuer)).isEmpty();
    assertThat(Linted.of(sample.draft(), sample.issuer).octets()).isEqualTo(sample.octets());
  }

  @Test
  void extensionThatIsThereTwiceDoesNotRead() throws IOException {
    Sample sample = Sample.good();
    ASN1EncodableVector fields = new ASN1EncodableVector();
    for (ASN1Encodable field : ASN1Sequence.getInstance(sample.octets())) {
      fields.add(field);
    }
    ASN1EncodableVector extensions = new ASN1EncodableVector();
    sample.extensions.values().forEach(extensions::add);
    extensions.add(sample.extensions.get(Extension.keyUsage));
    ASN1EncodableVector doubled = new ASN1EncodableVector();
    for (int i = 0; i < fields.size() - 1; i++) {
      doubled.add(fields.get(i));
    }
    doubled.add(new DERTaggedObject(true, 3, new DERSequence(extensions)));
    byte[] octets = new DERSequence(doubled).getEncoded();
    assertThat(ASN1Primitive.fromByteArray(octets)).isNotNull();
    assertThat(CertificateLint.findings(octets, sample.issuer))
        .extracting(Finding::check)
        .containsExactly(CertificateLint.READABLE);
  }

  @Test
  void everyCheckIsFailedByAFault() {
    Set<String> failed = new TreeSet<>();
    faults().forEach(fault -> failed.add(fault.check()));
    assertThat(CertificateLint.CHECKS)
        .extracting(Check::name)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(failed);
  }

  @Test
  void readmeListsEveryCheckWithItsSection() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("README.md"));
    List<Check> told = new ArrayList<>(CertificateLint.CHECKS);
    told.add(
        new Check(
            CertificateLint.READABLE,
            CertificateLint.READABLE_SECTION,
            draft -> java.util.Optional.empty()));
    Collections.sort(told, java.util.Comparator.comparing(Check::name));
    for (Check check : told) {
      assertThat(lines)
          .as(check.name())
          .anyMatch(
              line -> line.startsWith("| `" + check.name() + "` | " + check.section() + " |"));
    }
  }
}
