package io.guardbee.bench.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the figures are told. */
class DoorFiguresTest {

  private static final DoorFigures FIGURES =
      new DoorFigures(
          Map.of(
              Section.CONNECTS,
              List.of(
                  Figure.of("good", 1.25, "this (%d) ÷ that (%d)", 5, 4).atLeast(0.95),
                  Figure.of("bad", 0.5, "a ÷ b").atLeast(1.4),
                  Figure.of("slow", 4, "c ÷ d").atMost(3),
                  Figure.of("amount", 12_345.6, "octets"))),
          List.of("no Java 17 found"),
          Map.of("java", "17"));

  @Test
  void tableSaysWhatIsMissedAndWhatCouldNotBeCompared() {
    StringWriter page = new StringWriter();
    FIGURES.table(new PrintWriter(page));
    assertThat(page.toString().lines())
        .anyMatch(line -> line.matches(" +1\\.250 ≥ 0\\.95 +this \\(5\\) ÷ that \\(4\\)"))
        .anyMatch(line -> line.matches(" +0\\.500 ≥ 1\\.4 +a ÷ b \\(missed\\)"))
        .anyMatch(line -> line.matches(" +4\\.000 ≤ 3\\.0 +c ÷ d \\(missed\\)"))
        .anyMatch(line -> line.matches(" +12,346 +octets"))
        .anyMatch(line -> line.contains("no Java 17 found"))
        .anyMatch(line -> line.contains("java: 17"));
  }

  @Test
  void programsFindEachFigureByItsName() {
    JsonNode json = JsonMapper.builder().build().valueToTree(FIGURES.json());
    JsonNode connects = json.path("connects");
    assertThat(connects.path("good").path("value").asDouble()).isEqualTo(1.25);
    assertThat(connects.path("good").path("met").asBoolean()).isTrue();
    assertThat(connects.path("bad").path("met").asBoolean()).isFalse();
    assertThat(connects.path("amount").has("met")).isFalse();
    assertThat(json.path("notes").get(0).asString()).isEqualTo("no Java 17 found");
  }
}
