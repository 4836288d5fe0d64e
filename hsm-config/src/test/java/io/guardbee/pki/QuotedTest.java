package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedTest {

  @Test
  void plainTextStaysAsItIs() {
    assertThat(Quoted.of("")).isEqualTo("\"\"");
    assertThat(Quoted.of("d-1")).isEqualTo("\"d-1\"");
    assertThat(Quoted.of("Größe 蜂 \ud83d\udc1d")).isEqualTo("\"Größe 蜂 \ud83d\udc1d\"");
    assertThat(Quoted.of("a\"b\\c")).isEqualTo("\"a\\\"b\\\\c\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0000", "0007", "0009", "000A", "000D", "001B", "007F", "0085", "009B", // control
    "00AD", "200B", "200E", "202E", "2066", "FEFF", // format: hidden or turning text round
    "2028", "2029", "D800", "DFFF", "E000", "FFFF", "0378"
  })
  void whatCouldSteerATerminalIsWrittenOut(String hex) {
    String text = "a" + (char) Integer.parseInt(hex, 16) + "b";

    assertThat(Quoted.of(text)).isEqualTo("\"a\\u" + hex + "b\"");
    assertThat(Quoted.line(text)).isEqualTo("a\\u" + hex + "b");
  }

  @Test
  void longTextIsCutBetweenCharacters() {
    String bees = "\ud83d\udc1d".repeat(81);

    assertThat(Quoted.of("x".repeat(80))).isEqualTo("\"" + "x".repeat(80) + "\"");
    assertThat(Quoted.of("x".repeat(81))).isEqualTo("\"" + "x".repeat(80) + "\" (81 characters)");
    assertThat(Quoted.of(bees)).startsWith("\"" + "\ud83d\udc1d".repeat(80) + "\"");
    assertThat(Quoted.line("x".repeat(9999))).hasSize(400);
  }
}
