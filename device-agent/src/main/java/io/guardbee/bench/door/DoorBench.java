package io.guardbee.bench.door;

import io.guardbee.bench.measure.BenchEnvironment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the sections that are wanted, one after the other, on one stage. */
final class DoorBench {

  private DoorBench() {}

  /**
   * Measures.
   *
   * @param settings that the figures depend on, told with them
   */
  static DoorFigures run(Stage stage, Set<Section> wanted, Map<String, String> settings)
      throws Exception {
    Map<String, String> environment = BenchEnvironment.of(); // before we add to the load
    environment.putAll(settings);
    Map<Section, List<Figure>> figures = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      if (wanted.contains(section)) {
        figures.put(section, measure(stage, section));
      }
    }
    return new DoorFigures(figures, stage.notes(), environment);
  }

  private static List<Figure> measure(Stage stage, Section section) throws Exception {
    return switch (section) {
      case CONNECTS -> Connects.measure(stage);
      case MESSAGES -> Messages.measure(stage);
      case REVOKE -> Revocations.measure(stage);
      case HEAP -> Heap.measure(stage);
      case DECISION -> Micro.decision(stage);
      case INDEX -> Micro.index(stage);
      case RACE -> Micro.race(stage);
    };
  }
}
