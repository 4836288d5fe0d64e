package io.guardbee.service.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.guardbee.pki.RefusedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was found.
 *
 * @param topic what it is about, such as {@code chain} or {@code key}
 * @param says one line
 * @param reason the stable reason where something stands against the device
 * @param nextStep what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Finding(
    String topic,
    Verdict verdict,
    String says,
    @Nullable String reason,
    @Nullable String nextStep) {

  /** What it means for the device. */
  public enum Verdict {
    GOOD,
    NOTE,
    BAD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static Finding good(String topic, String says) {
    return new Finding(topic, Verdict.GOOD, says, null, null);
  }

  public static Finding note(String topic, String says) {
    return new Finding(topic, Verdict.NOTE, says, null, null);
  }

  public static Finding bad(String topic, String says, String nextStep) {
    return new Finding(topic, Verdict.BAD, says, null, nextStep);
  }

  /** What was refused, or would be. */
  public static Finding bad(String topic, RefusedException why) {
    return new Finding(topic, Verdict.BAD, why.detail(), why.reason().toString(), why.nextStep());
  }

  boolean isBad() {
    return verdict == Verdict.BAD;
  }
}
