package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names as they come out of certificates, the hostile ones included. */
class SubjectTest {

  private static final TestCa CA = TestCa.root();

  @ParameterizedTest
  @MethodSource("hostile")
  void valueComesOutOfACertificateAsItWentIn(String value) throws Exception {
    Subject subject =
        certified(
            new X500NameBuilder()
                .addRDN(BCStyle.OU, "sensor")
                .addRDN(BCStyle.CN, new DERUTF8String(value)));

    assertThat(subject.values("CN")).containsExactly(value);
    assertThat(subject.values("OU")).containsExactly("sensor");
    assertThat(subject.multiValued()).isFalse();
    assertThat(Subject.parse(subject.toString())).isEqualTo(subject);
    assertThat(Subject.of(subject.toPrincipal())).isEqualTo(subject);
  }

  static Stream<String> hostile() {
    return Stream.of(
        "d-1",
        "+",
        "#",
        "/",
        "#0c0161",
        "d+OU=operator",
        "d,OU=operator",
        "d;OU=operator",
        "d\\,OU=operator",
        "d\"",
        "\"d\"",
        "<d>",
        "d=1",
        "\\",
        "\\2C",
        " d",
        "d ",
        "  ",
        "d  1",
        "d\n",
        "d\u0000x",
        "\u0000",
        "\u202egnp.d",
        "d\u200b",
        "\ufeffd",
        "Grüße",
        "蜂",
        "\ud83d\udc1d");
  }

  @Test
  void namesAreBroughtToOneUnicodeForm() throws Exception {
    Subject composed = certified(named("caf\u00e9"));
    Subject decomposed = certified(named("cafe\u0301"));

    assertThat(decomposed).isEqualTo(composed);
    assertThat(decomposed.values("CN")).containsExactly("caf\u00e9");
    assertThat(Subject.parse("CN=cafe\u0301")).isEqualTo(Subject.parse("CN=caf\u00e9"));
  }

  @Test
  void lookAlikesStayApart() throws Exception {
    assertThat(certified(named("d-1")))
        .isNotEqualTo(certified(named("D-1")))
        .isNotEqualTo(certified(named("ｄ-1")))
        .isNotEqualTo(certified(named("d-1 ")));
  }

  /** The octets of U+642D U+3161 are those of the ASCII text {@code d-1a}. */
  @ParameterizedTest
  @ValueSource(strings = {"d-1", "\u642d\u3161"})
  void wideStringsAreRefused(String value) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () -> certified(new X500NameBuilder().addRDN(BCStyle.CN, new DERBMPString(value))))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE_INVALID))
        .withMessageContaining("BMPString");
  }

  @ParameterizedTest
  @MethodSource("nonStrings")
  void valueThatIsNoStringNeverLooksLikeAName(ASN1Encodable value) throws Exception {
    Subject subject = certified(new X500NameBuilder().addRDN(BCStyle.CN, value));

    assertThat(subject.values("CN")).singleElement().asString().startsWith("#");
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> new Identity(Identity.ISSUING, subject).deviceId())
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_ID_INVALID));
  }

  static Stream<ASN1Encodable> nonStrings() {
    return Stream.of(new ASN1Integer(1), new DEROctetString(new byte[] {'d'}));
  }

  @Test
  void attributesKeepTheirOrderMostSpecificFirst() throws Exception {
    Subject subject =
        certified(
            new X500NameBuilder()
                .addRDN(BCStyle.C, "DE")
                .addRDN(BCStyle.O, "Acme")
                .addRDN(BCStyle.SERIALNUMBER, "7")
                .addRDN(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), "x")
                .addRDN(BCStyle.CN, "d-1"));

    assertThat(subject.attributes())
        .extracting(Subject.Value::type)
        .containsExactly("CN", "1.3.6.1.4.1.99999.1", "SERIALNUMBER", "O", "C");
    assertThat(subject.values("2.5.4.5")).containsExactly("7");
    assertThat(subject.values("serialNumber")).containsExactly("7");
    assertThat(subject.types()).contains("CN", "O", "C");
    assertThat(subject.values("L")).isEmpty();
  }

  @Test
  void twoCommonNamesMakeNoDevice() throws Exception {
    assertNoDevice(
        certified(new X500NameBuilder().addRDN(BCStyle.CN, "d-1").addRDN(BCStyle.CN, "d-2")));
  }

  @Test
  void multiValuedNameMakesNoDevice() throws Exception {
    X500NameBuilder name =
        new X500NameBuilder()
            .addMultiValuedRDN(
                new ASN1ObjectIdentifier[] {BCStyle.CN, BCStyle.OU},
                new String[] {"d-1", "sensor"});
    Subject subject = certified(name);

    assertThat(subject.multiValued()).isTrue();
    assertThat(subject.values("CN")).containsExactly("d-1");
    assertNoDevice(subject);
    assertNoDevice(
        certified(
            new X500NameBuilder()
                .addMultiValuedRDN(
                    new ASN1ObjectIdentifier[] {BCStyle.CN, BCStyle.CN},
                    new String[] {"d-1", "d-2"})));
  }

  @Test
  void emptyNameMakesNoDevice() {
    assertThat(Subject.of(new X500Principal("")).attributes()).isEmpty();
    assertNoDevice(Subject.parse(""));
  }

  private static void assertNoDevice(Subject subject) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> new Identity(Identity.ISSUING, subject).deviceId())
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE_INVALID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"d-1", "CN", "=d", ",CN=d", "CN=d,,O=a", "CN=a\\", "CN=#zz"})
  void textThatIsNoNameIsRefused(String text) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Subject.parse(text))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REQUEST_MALFORMED));
  }

  @Test
  void deviceIdentityGoesThroughACertificateAndBack() throws Exception {
    Identity written =
        Identity.device(Identity.ISSUING, new DeviceId("a.b:c-1"), "sensor", "Acme, \"Inc\" + #1");
    TestCa device = TestCa.draft(written.subject().toPrincipal()).signedBy(CA);

    Identity read =
        new Identity(Identity.ISSUING, Subject.of(device.certificate().getSubjectX500Principal()));

    assertThat(read).isEqualTo(written);
    assertThat(read.deviceId()).hasToString("a.b:c-1");
    assertThat(read.profile()).isEqualTo("sensor");
    assertThat(read.subject().values("O")).containsExactly("Acme, \"Inc\" + #1");
    assertThat(read).isNotEqualTo(new Identity(Identity.OPERATIONS, read.subject()));
    assertThat(Identity.device(Identity.ISSUING, new DeviceId("d"), "p", " ").subject())
        .hasToString("CN=d,OU=p");
  }

  private static X500NameBuilder named(String commonName) {
    return new X500NameBuilder().addRDN(BCStyle.CN, new DERUTF8String(commonName));
  }

  private static Subject certified(X500NameBuilder name) throws IOException {
    X500Principal principal = new X500Principal(name.build().getEncoded());
    TestCa device = TestCa.draft(principal).signedBy(CA);
    return Subject.of(device.certificate().getSubjectX500Principal());
  }
}
