package io.guardbee.service.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.Csr;
import io.guardbee.service.profile.KeyKind;
import io.guardbee.service.profile.Name;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as devices send them, and as they must not be. */
class CertificateRequestTest {

  private static final KeyPair KEY = Csr.newKey();
  private static final KeyPair RSA = Csr.newRsaKey(2048);

  private static void assertRefused(byte[] der, Reason reason, String told) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () -> {
              CertificateRequest request = CertificateRequest.parse(der);
              request.names();
              request.asksForAuthority();
              request.challengePassword();
              request.decryptKeyIdentifier();
            })
        .withMessageContaining(told)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  static Stream<Arguments> kinds() throws Exception {
    KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    return Stream.of(
        Arguments.of(KEY, "SHA256withECDSA", KeyKind.EC_P256),
        Arguments.of(KEY, "SHA512withECDSA", KeyKind.EC_P256),
        Arguments.of(Csr.newKey("secp384r1"), "SHA384withECDSA", KeyKind.EC_P384),
        Arguments.of(edwards, "Ed25519", KeyKind.ED25519),
        Arguments.of(RSA, "SHA256withRSA", KeyKind.RSA),
        Arguments.of(RSA, "SHA512withRSA", KeyKind.RSA));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyKindOfKeyIsRead(KeyPair key, String algorithm, KeyKind kind) {
    CertificateRequest request = CertificateRequest.parse(Handmade.of(key, algorithm).der());
    assertThat(request.keyKind()).isEqualTo(kind);
    assertThat(request.publicKey().getEncoded()).isEqualTo(key.getPublic().getEncoded());
    assertThat(request.subject()).hasToString("CN=d-1");
    assertThat(request.names()).isEmpty();
    assertThat(request.requestedExtensions()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA1withECDSA", "SHA1withRSA", "MD5withRSA"})
  void brokenHashesProveNothing(String algorithm) {
    KeyPair key = algorithm.endsWith("RSA") ? RSA : KEY;
    assertRefused(
        Handmade.of(key, algorithm).der(), Reason.CSR_SIGNATURE_INVALID, "is not accepted");
  }

  @Test
  void signatureOfAnotherKeyIsRefused() {
    assertRefused(
        Csr.of(KEY).signedBy(Csr.newKey()).der(), Reason.CSR_SIGNATURE_INVALID, "does not match");
  }

  @Test
  void whatDevicesSayForEstIsRead() {
    ASN1ObjectIdentifier symmetric = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.37");
    ASN1ObjectIdentifier asymmetric = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.54");
    CertificateRequest request =
        CertificateRequest.parse(
            Handmade.of(KEY)
                .attribute(
                    PKCSObjectIdentifiers.pkcs_9_at_challengePassword,
                    new DERPrintableString("aGVsbG8="))
                .attribute(symmetric, new DEROctetString(new byte[] {1, 2}))
                .attribute(asymmetric, new DEROctetString(new byte[] {3}))
                .attribute(PKCSObjectIdentifiers.pkcs_9_at_smimeCapabilities, new DERSequence())
                .der());
    assertThat(request.challengePassword()).hasValue("aGVsbG8=");
    assertThat(request.decryptKeyIdentifier()).hasValue(new byte[] {1, 2});
    assertThat(request.asymmetricDecryptKeyIdentifier()).hasValue(new byte[] {3});
    assertThat(request.smimeCapabilities()).hasValue(new byte[] {0x30, 0});

    CertificateRequest plain = CertificateRequest.parse(Handmade.of(KEY).der());
    assertThat(plain.challengePassword()).isEmpty();
    assertThat(plain.decryptKeyIdentifier()).isEmpty();
    assertThat(plain.asymmetricDecryptKeyIdentifier()).isEmpty();
  }

  @Test
  void requestedExtensionsAreTold() {
    CertificateRequest request =
        CertificateRequest.parse(Csr.of(KEY).alternativeName("a.example").asksForAuthority().der());
    assertThat(request.requestedExtensions()).containsExactly("2.5.29.17", "2.5.29.19");
    assertThat(request.names()).containsExactly(new Name(Name.Kind.DNS, "a.example"));
    assertThat(request.asksForAuthority()).isTrue();
  }

  static Stream<Arguments> malformed() throws IOException {
    DEROctetString octets = new DEROctetString(new byte[1]);
    Extension constraints =
        new Extension(Extension.basicConstraints, true, new BasicConstraints(true).getEncoded());
    DERSequence twice = new DERSequence(new ASN1Encodable[] {constraints, constraints});
    ASN1ObjectIdentifier extensionRequest = PKCSObjectIdentifiers.pkcs_9_at_extensionRequest;
    return Stream.of(
        Arguments.of("version 1", Handmade.of(KEY).version(1), "version"),
        Arguments.of(
            "attribute twice",
            Handmade.of(KEY)
                .attribute(PKCSObjectIdentifiers.pkcs_9_at_unstructuredName, octets)
                .attribute(PKCSObjectIdentifiers.pkcs_9_at_unstructuredName, octets),
            "twice"),
        Arguments.of(
            "extensions in two attributes",
            Handmade.of(KEY)
                .extensions(new Extensions(constraints))
                .extensions(new Extensions(constraints)),
            "twice"),
        Arguments.of(
            "two values",
            Handmade.of(KEY)
                .attribute(
                    extensionRequest,
                    new Extensions(constraints),
                    new Extensions(
                        new Extension(
                            Extension.keyUsage, false, new DEROctetString(new byte[] {3, 0})))),
            "2 values"),
        Arguments.of("extension twice", Handmade.of(KEY).attribute(extensionRequest, twice), ""),
        Arguments.of("no extensions", Handmade.of(KEY).attribute(extensionRequest, octets), ""),
        Arguments.of(
            "extension that is no DER",
            Handmade.of(KEY)
                .extensions(
                    new Extensions(
                        new Extension(
                            Extension.subjectAlternativeName,
                            false,
                            new DEROctetString(new byte[] {0x30, (byte) 0x80, 0, 0})))),
            "indefinite"),
        Arguments.of(
            "password of another type",
            Handmade.of(KEY)
                .attribute(PKCSObjectIdentifiers.pkcs_9_at_challengePassword, DERNull.INSTANCE),
            "challengePassword"),
        Arguments.of(
            "identifier of another type",
            Handmade.of(KEY)
                .attribute(
                    new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.37"), new DERUTF8String("x")),
            ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void malformedRequestsAreRefusedWithTheCause(String name, Handmade request, String told) {
    assertRefused(request.der(), Reason.CSR_MALFORMED, told);
  }

  @Test
  void berAndTrailingOctetsAreRefused() throws IOException {
    byte[] good = Handmade.of(KEY).der();
    assertRefused(Arrays.copyOf(good, good.length + 1), Reason.CSR_MALFORMED, "trail");
    byte[] ber = new BERSequence(ASN1Sequence.getInstance(good).toArray()).getEncoded();
    assertRefused(ber, Reason.CSR_MALFORMED, "indefinite");
    assertRefused("no request".getBytes(StandardCharsets.US_ASCII), Reason.CSR_MALFORMED, "DER");
  }

  @Test
  void extraPartsAreRefused() throws IOException {
    ASN1Encodable[] parts =
        Arrays.copyOf(ASN1Sequence.getInstance(Handmade.of(KEY).der()).toArray(), 4);
    parts[3] = DERNull.INSTANCE;
    assertRefused(new DERSequence(parts).getEncoded(), Reason.CSR_MALFORMED, "4 elements");
  }

  @Test
  void tenThousandNamesAreRefused() throws IOException {
    assertRefused(names(10_000), Reason.CSR_TOO_COMPLEX, "octets");
    assertRefused(names(1_000), Reason.CSR_TOO_COMPLEX, "elements");
    assertRefused(names(101), Reason.CSR_TOO_COMPLEX, "101 names");
    assertThat(CertificateRequest.parse(names(100)).names()).hasSize(100);
  }

  private static byte[] names(int count) throws IOException {
    return san(
        IntStream.range(0, count)
            .mapToObj(i -> new GeneralName(GeneralName.dNSName, "a" + i + ".example"))
            .toArray(GeneralName[]::new));
  }

  private static byte[] san(GeneralName... names) throws IOException {
    return Handmade.of(KEY)
        .extensions(
            new Extensions(
                new Extension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names).getEncoded())))
        .der();
  }

  @ParameterizedTest
  @MethodSource("badNames")
  void namesThatAreNoneAreRefused(int form, String text, String told) throws IOException {
    assertRefused(
        san(new GeneralName(form, new DERIA5String(text))), Reason.ATTRIBUTE_INVALID, told);
  }

  static Stream<Arguments> badNames() {
    int dns = GeneralName.dNSName;
    int uri = GeneralName.uniformResourceIdentifier;
    int email = GeneralName.rfc822Name;
    return Stream.of(
        Arguments.of(dns, "good.example\u0000.bad.example", "U+0000"),
        Arguments.of(dns, "good.example\n", "U+000A"),
        Arguments.of(dns, "b\u00fcro.example", "U+00FC"),
        Arguments.of(dns, "a b", "U+0020"),
        Arguments.of(dns, "", "is not one"),
        Arguments.of(dns, "a/b", "is not one"),
        Arguments.of(dns, "a.*.example", "is not one"),
        Arguments.of(uri, "no-scheme", "is not one"),
        Arguments.of(uri, "urn:x\u0000y", "U+0000"),
        Arguments.of(uri, "urn:a b", "U+0020"),
        Arguments.of(email, "nobody", "is not one"),
        Arguments.of(email, "a@b@c", "is not one"));
  }

  @Test
  void ofTwoEncodingsOfOneKeyOneIsRefused() throws IOException {
    SubjectPublicKeyInfo good = SubjectPublicKeyInfo.getInstance(RSA.getPublic().getEncoded());
    SubjectPublicKeyInfo withoutNull =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
            good.getPublicKeyData().getOctets());
    assertRefused(
        Handmade.of(RSA, "SHA256withRSA").key(withoutNull).der(),
        Reason.KEY_UNSUPPORTED,
        "parameters are not NULL");
  }
}
