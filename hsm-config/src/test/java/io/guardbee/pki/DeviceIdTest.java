package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceIdTest {

  @ParameterizedTest
  @MethodSource("good")
  void nameWithinTheGrammarIsKeptAsItIs(String name) {
    assertThat(new DeviceId(name)).hasToString(name);
  }

  static Stream<String> good() {
    return Stream.of("d", "7", "d-1", "D-1", "a.b_c:d-e", "0-", "00:1A:22", "x".repeat(128));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void nameOutsideTheGrammarIsRefusedOnOneLine(String name) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> new DeviceId(name))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_ID_INVALID))
        .satisfies(e -> assertThat(e.line().lines()).hasSize(1));
  }

  static Stream<String> bad() {
    return Stream.of(
        "",
        " ",
        "+",
        "#",
        "/",
        "d+1",
        "d#",
        "d/1",
        "../d",
        ".d",
        "-d",
        "_d",
        ":d",
        "$SYS",
        "d 1",
        " d",
        "d ",
        "d\n",
        "d\r\n",
        "\nd",
        "d\u0000",
        "d\t",
        "d,OU=operator",
        "d\\1",
        "d\"",
        "d*",
        "d%2F",
        "д-1", // Cyrillic
        "ｄ-1", // full width
        "d‐1", // U+2010, a hyphen that is none
        "d١", // Arabic-Indic digit
        "dé",
        "de\u0301",
        "d\u200b",
        "\u202ed",
        "\ud83d\udc1d",
        "\ud800",
        "x".repeat(129));
  }

  @ParameterizedTest
  @ValueSource(strings = {"d-1", "D-2"})
  void caseMatters(String name) {
    assertThat(new DeviceId("D-1")).isNotEqualTo(new DeviceId(name));
    assertThat(new DeviceId("a")).isLessThan(new DeviceId("b"));
  }
}
