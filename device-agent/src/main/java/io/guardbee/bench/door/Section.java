package io.guardbee.bench.door;

import java.util.Locale;

/** The parts of the benchmark, in the order in which they run. */
enum Section {
  CONNECTS,
  MESSAGES,
  REVOKE,
  HEAP,
  DECISION,
  INDEX,
  RACE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
