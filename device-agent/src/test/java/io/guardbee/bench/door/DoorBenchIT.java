package io.guardbee.bench.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Guardbee;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A very short run of {@code guardbee bench door}: its figures mean nothing, but are all there. */
class DoorBenchIT {

  private static final Stage.Plan SMALL =
      new Stage.Plan(1, 0, 20, 2, 3, 1000, 500, Optional.empty());

  @Test
  void measuresRealBrokersAndLeavesNothingBehind() throws Exception {
    Path root = Path.of(System.getProperty("guardbee.root"));
    StringWriter narration = new StringWriter();
    Stage stage =
        new Stage(new Guardbee(root.resolve("guardbee"), root), SMALL, new PrintWriter(narration));
    Path home;
    DoorFigures figures;
    try (stage) {
      home = stage.up().guardbee().home();
      Set<Section> sections =
          EnumSet.of(
              Section.CONNECTS, Section.MESSAGES, Section.REVOKE, Section.HEAP, Section.RACE);
      figures = DoorBench.run(stage, sections, Map.of());
      assertThat(figures.sections().keySet()).isEqualTo(sections);
    }

    assertThat(figures.sections().values())
        .allSatisfy(
            section ->
                assertThat(section).allSatisfy(figure -> assertThat(figure.value()).isFinite()));
    assertThat(value(figures, Section.CONNECTS, "ratio.permit-all")).isPositive();
    assertThat(value(figures, Section.MESSAGES, "ratio.qos0")).isPositive();
    assertThat(value(figures, Section.MESSAGES, "ratio.qos1")).isPositive();
    assertThat(value(figures, Section.REVOKE, "ratio.p99")).isPositive();
    assertThat(value(figures, Section.REVOKE, "alive")).isEqualTo(SMALL.live());
    assertThat(value(figures, Section.RACE, "failed")).isZero();
    assertThat(stage.up().process().isAlive()).isFalse();
    assertThat(Files.exists(home)).isFalse();
  }

  private static double value(DoorFigures figures, Section section, String name) {
    List<Figure> all = figures.sections().getOrDefault(section, List.of());
    return all.stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
