package io.guardbee.service.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.io.IOException;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERGeneralString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.DERUniversalString;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Subjects that can be read in one way, and those that cannot. */
class SubjectRulesTest {

  private static Subject check(X500NameBuilder name) throws IOException {
    return SubjectRules.check(name.build());
  }

  private static X500NameBuilder name(ASN1ObjectIdentifier type, String value) {
    return new X500NameBuilder().addRDN(type, new DERUTF8String(value));
  }

  private static void assertRefused(X500NameBuilder name, Reason reason, String told) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> check(name))
        .withMessageContaining(told)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @ParameterizedTest
  @CsvSource({
    "0430, CYRILLIC SMALL LETTER A",
    "03BF, GREEK SMALL LETTER OMICRON",
    "FF44, FULLWIDTH LATIN SMALL LETTER D",
    "00E9, LATIN SMALL LETTER E WITH ACUTE",
    "2010, HYPHEN",
    "1D41A, MATHEMATICAL BOLD SMALL A"
  })
  void lookAlikesInADeviceIdAreNamed(String point, String unicodeName) {
    assertRefused(
        name(BCStyle.CN, "d-" + Character.toString(Integer.parseInt(point, 16))),
        Reason.DEVICE_ID_INVALID,
        "U+" + point + " (" + unicodeName + ")");
  }

  @ParameterizedTest
  @CsvSource({
    "0000", "000A", "001B", "007F", "0085", "00A0", "00AD", "200B", "200D", "202E", "2066", "2028",
    "FEFF", "E0041", "3164", "FE0F", "E000", "FFFD", "0378"
  })
  void charactersThatCannotBeSeenAreNamed(String point) {
    String value = "a" + Character.toString(Integer.parseInt(point, 16)) + "b";
    assertRefused(name(BCStyle.CN, value), Reason.ATTRIBUTE_INVALID, "U+" + point);
    assertRefused(name(BCStyle.O, value), Reason.ATTRIBUTE_INVALID, "U+" + point);
  }

  @Test
  void oneValueIsInOneScript() throws IOException {
    assertRefused(
        name(BCStyle.O, "\u0410cme"),
        Reason.ATTRIBUTE_INVALID,
        "U+0410 (CYRILLIC CAPITAL LETTER A)");
    assertThat(check(name(BCStyle.O, "\u0410\u043a\u043c\u0435 7")).values("O"))
        .containsExactly("\u0410\u043a\u043c\u0435 7");
    assertThat(check(name(BCStyle.O, "M\u00fcller \u8702 GmbH")).values("O")).hasSize(1);
  }

  @Test
  void valuesAreBroughtToOneUnicodeForm() throws IOException {
    assertThat(check(name(BCStyle.O, "cafe\u0301"))).isEqualTo(check(name(BCStyle.O, "caf\u00e9")));
  }

  @Test
  void oneAttributeOfAKindAndOneForEachPlace() throws IOException {
    assertRefused(
        name(BCStyle.CN, "a").addRDN(BCStyle.CN, "b"), Reason.CSR_NAME_MISMATCH, "two CN");
    assertRefused(
        name(BCStyle.SERIALNUMBER, "1").addRDN(BCStyle.SERIALNUMBER, "2"),
        Reason.CSR_NAME_MISMATCH,
        "two of attribute 2.5.4.5");
    assertRefused(
        new X500NameBuilder()
            .addMultiValuedRDN(
                new ASN1ObjectIdentifier[] {BCStyle.CN, BCStyle.OU}, new String[] {"a", "b"}),
        Reason.CSR_NAME_MISMATCH,
        "an RDN of 2 attributes");
    assertThat(check(name(BCStyle.OU, "a").addRDN(BCStyle.OU, "b")).values("OU")).hasSize(2);
    assertThat(check(new X500NameBuilder()).attributes()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ambiguous")
  void stringsThatCanBeReadInTwoWaysAreRefused(ASN1Encodable value) {
    assertRefused(
        new X500NameBuilder().addRDN(BCStyle.CN, value), Reason.ATTRIBUTE_INVALID, "two ways");
  }

  static Stream<ASN1Encodable> ambiguous() {
    return Stream.of(
        new DERBMPString("d-1"),
        new DERUniversalString(new byte[] {0, 0, 0, 'd'}),
        new DERT61String("d\u00e4"),
        new DERPrintableString("d\u00e4"),
        new DERIA5String("d\u00e4"),
        new DERGeneralString("d-1"),
        new ASN1Integer(1));
  }

  @ParameterizedTest
  @MethodSource("plain")
  void oldStringsOfAsciiAreRead(ASN1Encodable value) throws IOException {
    assertThat(check(new X500NameBuilder().addRDN(BCStyle.CN, value)).values("CN"))
        .containsExactly("d_1");
  }

  static Stream<Arguments> plain() {
    return Stream.of(
        Arguments.of(new DERT61String("d_1")),
        Arguments.of(new DERPrintableString("d_1")),
        Arguments.of(new DERIA5String("d_1")));
  }

  @Test
  void lengthIsBounded() {
    assertRefused(
        name(BCStyle.O, "a".repeat(SubjectRules.LONGEST_VALUE + 1)),
        Reason.ATTRIBUTE_INVALID,
        "257 characters");
    assertRefused(
        name(BCStyle.O, "a".repeat(SubjectRules.MOST_OCTETS)), Reason.CSR_TOO_COMPLEX, "octets");
  }
}
