package io.guardbee.service.limit;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many of something are under way at one time, in all and for one holder. Thread-safe,
 * never waits.
 */
public final class ConcurrencyLimit {

  private static final Duration COME_BACK = Duration.ofSeconds(5);

  private final Bounds bounds;
  private final Map<String, Integer> perHolder = new HashMap<>();
  private int all;

  /**
   * What is bounded, and how.
   *
   * @param what is under way, such as {@code status feeds}
   * @param setting of the configuration that sets {@code most}
   */
  public record Bounds(String what, String setting, int most, int mostOfOne) {}

  /** A place that is taken until it is closed, which is done once. */
  public interface Place {
    void close();
  }

  public ConcurrencyLimit(Bounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Takes a place.
   *
   * @throws RefusedException {@link Reason#OVERLOADED} when all are taken, or all of this holder
   */
  public synchronized Place enter(String holder) {
    int own = perHolder.getOrDefault(holder, 0);
    if (own >= bounds.mostOfOne()) {
      throw refused(
          Quoted.of(holder) + " has " + own + " " + bounds.what() + " open", "close some");
    }
    if (all >= bounds.most()) {
      throw refused(all + " " + bounds.what() + " are open", "the limit is " + bounds.setting());
    }
    all++;
    perHolder.put(holder, own + 1);
    return () -> leave(holder);
  }

  private synchronized void leave(String holder) {
    all--;
    perHolder.computeIfPresent(holder, (name, own) -> own == 1 ? null : own - 1);
  }

  private static RefusedException refused(String detail, String fix) {
    return new RefusedException(
        Reason.OVERLOADED,
        detail,
        fix + "; come back after " + COME_BACK.toSeconds() + " s",
        COME_BACK);
  }
}
