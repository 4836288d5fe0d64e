package io.guardbee.bench.door;

import java.util.Locale;
import java.util.Optional;

/**
 * One result.
 *
 * @param name for programs, unique within its section
 * @param wanted the bound that the project has set, such as {@code ≥ 0.95}
 * @param what for people: what was measured, or compared with what
 */
record Figure(String name, double value, Optional<Wanted> wanted, String what) {

  /** A bound and on which side of it a value is good. */
  record Wanted(boolean atLeast, double bound) {

    boolean isMetBy(double value) {
      return atLeast ? value >= bound : value <= bound;
    }

    @Override
    public String toString() {
      return (atLeast ? "≥ " : "≤ ") + bound;
    }
  }

  /** A ratio or amount that is told for what it is. */
  static Figure of(String name, double value, String what, Object... values) {
    return new Figure(name, value, Optional.empty(), String.format(Locale.ROOT, what, values));
  }

  Figure atLeast(double bound) {
    return new Figure(name, value, Optional.of(new Wanted(true, bound)), what);
  }

  Figure atMost(double bound) {
    return new Figure(name, value, Optional.of(new Wanted(false, bound)), what);
  }
}
