package io.guardbee.bench.door;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code bench door} found.
 *
 * @param sections by name; a note instead of figures stands in {@code notes}
 * @param notes what could not be compared, and why
 */
record DoorFigures(
    Map<Section, List<Figure>> sections, List<String> notes, Map<String, String> environment) {

  void table(PrintWriter out) {
    out.printf(Locale.ROOT, "%-10s %-8s %s%n", "figure", "wanted", "what it is");
    sections.forEach(
        (section, figures) -> {
          out.println(section);
          figures.forEach(figure -> row(out, figure));
        });
    notes.forEach(note -> out.printf("%-19s %s%n", "", note));
    environment.forEach((name, value) -> out.printf("%-19s %s: %s%n", "", name, value));
  }

  private static void row(PrintWriter out, Figure figure) {
    String number =
        Math.abs(figure.value()) < 100
            ? String.format(Locale.ROOT, "%.3f", figure.value())
            : String.format(Locale.ROOT, "%,.0f", figure.value());
    String wanted = figure.wanted().map(Figure.Wanted::toString).orElse("");
    String missed =
        figure.wanted().filter(bound -> !bound.isMetBy(figure.value())).isPresent()
            ? " (missed)"
            : "";
    out.printf(Locale.ROOT, "%10s %-8s %s%s%n", number, wanted, figure.what(), missed);
  }

  /** The same as values for JSON. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    sections.forEach(
        (section, figures) -> {
          Map<String, Object> values = new LinkedHashMap<>();
          figures.forEach(figure -> values.put(figure.name(), json(figure)));
          all.put(section.toString(), values);
        });
    all.put("notes", notes);
    all.put("environment", environment);
    return all;
  }

  private static Map<String, Object> json(Figure figure) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("value", Math.round(figure.value() * 10_000) / 10_000.0);
    figure
        .wanted()
        .ifPresent(
            bound -> {
              values.put("wanted", bound.toString());
              values.put("met", bound.isMetBy(figure.value()));
            });
    values.put("what", figure.what());
    return values;
  }
}
