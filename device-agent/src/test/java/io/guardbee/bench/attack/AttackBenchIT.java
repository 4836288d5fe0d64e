package io.guardbee.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Guardbee;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short run of {@code guardbee bench attack} with few connections. */
class AttackBenchIT {

  private static final int CONNECTIONS = 60;

  @Test
  void clientsAreServedUnderEachAttack() throws Exception {
    Path root = Path.of(System.getProperty("guardbee.root"));
    AttackBench bench =
        new AttackBench(
            new Guardbee(root.resolve("guardbee"), root),
            new AttackBench.Plan(CONNECTIONS, 1),
            new PrintWriter(new StringWriter()));

    AttackFigures figures = bench.run(EnumSet.allOf(Section.class));

    assertThat(figures.sections()).containsOnlyKeys(Section.values());
    for (String attack : List.of("same", "others")) {
      assertThat(value(figures, Section.TLS_HELLO, attack + ".opened"))
          .isGreaterThanOrEqualTo(CONNECTIONS);
      assertThat(value(figures, Section.TLS_HELLO, attack + ".served")).isPositive();
    }
    assertThat(value(figures, Section.TLS_HELLO, "memory.peak")).isPositive();
    for (Section section : List.of(Section.HTTP_BODIES, Section.HTTPS_BODIES)) {
      for (String client : List.of("operator", "keptOperator", "device")) {
        assertThat(value(figures, section, "attacked." + client + ".served")).isPositive();
      }
    }
  }

  private static double value(AttackFigures figures, Section section, String name) {
    return figures.sections().getOrDefault(section, List.of()).stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
