package io.guardbee.bench.attack;

import java.util.Locale;

/**
 * One result.
 *
 * @param name for programs, unique within its section
 * @param what for people: what was measured, with its unit
 */
record AttackFigure(String name, double value, String what) {

  static AttackFigure of(String name, double value, String what, Object... values) {
    return new AttackFigure(name, value, String.format(Locale.ROOT, what, values));
  }
}
