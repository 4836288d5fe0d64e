package io.guardbee.service.attempt;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request that was refused.
 *
 * @param address where it came from
 * @param claimed the device that the caller said it was; proven by nobody
 * @param request what was asked for, such as {@code POST /v1/devices}; made safe to show
 * @param why never holds a secret
 */
public record Attempt(
    Door door, String address, @Nullable String claimed, String request, RefusedException why) {

  private static final int LONGEST_CLAIM = 128;
  private static final int LONGEST_REQUEST = 200;
  private static final int LONGEST_ADDRESS = 64;

  /** Where somebody was refused. */
  public enum Door {
    EST,
    REST,
    FACTORY,
    BROKER,
    TLS,
    HTTP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Attempt {
    address = cut(Quoted.line(address), LONGEST_ADDRESS);
    claimed = claimed == null ? null : cut(Quoted.line(claimed), LONGEST_CLAIM);
    request = cut(Quoted.line(request), LONGEST_REQUEST);
  }

  static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }
}
