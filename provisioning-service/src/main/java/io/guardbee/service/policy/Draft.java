package io.guardbee.service.policy;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;

/**
 * A policy that an operator hands in. Whether it is one, brokers tell; here it only has to be text
 * that every database and every line of the feed can hold.
 *
 * @param text at most {@value #LARGEST} octets of UTF-8, without control characters but for white
 *     space
 * @param comment one line
 */
public record Draft(String text, String comment) {

  private static final int LARGEST = 1_000_000;
  private static final int LONGEST_COMMENT = 400;
  private static final String FIX = "hand in the YAML document as one string of UTF-8";

  public Draft {
    if (text.isBlank()) {
      throw new RefusedException(Reason.REQUEST_MALFORMED, "the policy is empty", FIX);
    }
    text.codePoints().filter(Draft::isUnfit).findFirst().ifPresent(Draft::refuse);
    if (text.getBytes(StandardCharsets.UTF_8).length > LARGEST) {
      throw new RefusedException(
          Reason.REQUEST_TOO_LARGE,
          "the policy has more than " + LARGEST + " octets",
          "let conditions with lists do what single rules do now");
    }
    comment = Quoted.line(comment);
    comment = comment.length() <= LONGEST_COMMENT ? comment : comment.substring(0, LONGEST_COMMENT);
  }

  private static boolean isUnfit(int point) {
    boolean white = point == '\n' || point == '\r' || point == '\t';
    return Character.getType(point) == Character.SURROGATE // a lone one: no UTF-8 has it
        || (Character.isISOControl(point) && !white);
  }

  private static void refuse(int point) {
    throw new RefusedException(
        Reason.REQUEST_MALFORMED,
        String.format("the policy holds the character U+%04X, which no YAML may", point),
        FIX);
  }

  /** SHA-256 of the text, in hexadecimal. */
  public String sha256() {
    return Fingerprint.of(text.getBytes(StandardCharsets.UTF_8)).hex();
  }
}
