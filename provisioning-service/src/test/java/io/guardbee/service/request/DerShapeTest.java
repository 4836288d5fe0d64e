package io.guardbee.service.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is DER, octet by octet. */
class DerShapeTest {

  private static void check(String hex) {
    new DerShape().check(HexFormat.of().parseHex(hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3000",
        "3003020100",
        "30030101ff",
        "3004030204f0",
        "02020080",
        "3002a000",
        "0500"
      })
  void derPasses(String hex) {
    assertThatCode(() -> check(hex)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "30800000, indefinite length",
    "308003020100 0000, indefinite length",
    "3081030201 00, longer than need be",
    "30820003020100, longer than need be",
    "3084000000030201 00, endless length",
    "300302010000, trail it",
    "3004020100, ends beyond",
    "30, cut off",
    "3082, cut off",
    "3003010101, type 1",
    "3004020200 01, type 2",
    "30040202ff80, type 2",
    "30020200, type 2",
    "3004030204ff, type 3",
    "3003030104, type 3",
    "3003050100, type 5",
    "1000, type 16",
    "240403020000, in pieces",
    "00 00, tag 0",
    "1f8100, tag 31",
    "'', cut off"
  })
  void anythingElseIsRefusedWithThePlace(String hex, String told) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> check(hex.replace(" ", "")))
        .withMessageContaining(told)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CSR_MALFORMED));
  }

  @Test
  void depthIsBounded() {
    String deep = "";
    for (int level = 0; level < DerShape.MOST_LEVELS + 1; level++) {
      deep = String.format("30%02x", deep.length() / 2) + deep;
    }
    String tooDeep = deep;
    assertTooComplex(HexFormat.of().parseHex(tooDeep));
    assertThatCode(() -> check(tooDeep.substring(4))).doesNotThrowAnyException();
  }

  @Test
  void nestingToTheLastOctetIsNoTrouble() {
    byte[] der = new byte[DerShape.MOST_OCTETS];
    for (int at = 0; at + 4 <= der.length; at += 4) {
      int length = der.length - at - 4;
      der[at] = 0x30;
      der[at + 1] = (byte) 0x82;
      der[at + 2] = (byte) (length >>> 8);
      der[at + 3] = (byte) length;
    }
    assertTooComplex(der);
  }

  @Test
  void sizeAndNumberOfElementsAreBounded() {
    assertTooComplex(new byte[DerShape.MOST_OCTETS + 1]);
    byte[] many = new byte[4 + 2 * DerShape.MOST_ELEMENTS];
    many[0] = 0x30;
    many[1] = (byte) 0x82;
    many[2] = (byte) ((2 * DerShape.MOST_ELEMENTS) >>> 8);
    many[3] = (byte) (2 * DerShape.MOST_ELEMENTS);
    for (int at = 4; at < many.length; at += 2) {
      many[at] = 5;
    }
    assertTooComplex(many);
  }

  private static void assertTooComplex(byte[] der) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> new DerShape().check(der))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CSR_TOO_COMPLEX));
  }
}
