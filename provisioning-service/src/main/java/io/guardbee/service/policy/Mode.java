package io.guardbee.service.policy;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What brokers are to do with a version. */
public enum Mode {
  /** It decides. */
  ENFORCE,
  /** Another decides; what this one would refuse is noted. */
  OBSERVE,
  /** Nothing; only tell whom it would affect. */
  FORESEE,
  /** Observe it no more. */
  WITHDRAW;

  /**
   * What an operator may want of a new version.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static Mode wanted(String code) {
    return Arrays.stream(values())
        .filter(mode -> mode != WITHDRAW && mode.toString().equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "mode " + Quoted.of(code) + " is not known",
                    "use enforce, observe or foresee"));
  }

  /** As a broker writes it; empty for what is none. */
  static Optional<Mode> parse(String code) {
    return Arrays.stream(values()).filter(mode -> mode.toString().equals(code)).findFirst();
  }

  /** As it goes over the wire. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
