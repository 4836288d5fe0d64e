package io.guardbee.bench.attack;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code bench attack} measured, by section. */
record AttackFigures(Map<Section, List<AttackFigure>> sections, Map<String, String> environment) {

  void table(PrintWriter out) {
    sections.forEach(
        (section, figures) -> {
          out.println(section);
          figures.forEach(
              figure -> out.printf(Locale.ROOT, "%,12.1f  %s%n", figure.value(), figure.what()));
        });
    environment.forEach((name, value) -> out.printf("%12s  %s: %s%n", "", name, value));
  }

  /** The same as values for JSON. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    sections.forEach(
        (section, figures) -> {
          Map<String, Object> values = new LinkedHashMap<>();
          figures.forEach(
              figure ->
                  values.put(
                      figure.name(), Map.of("value", figure.value(), "what", figure.what())));
          all.put(section.toString(), values);
        });
    all.put("environment", environment);
    return all;
  }
}
