package io.guardbee.service.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry in its place: one line of JSON that begins with its number and the hash of the line
 * before it. What is hashed is the line with the line feed at its end, octet for octet as it is
 * exported, so that {@code sha256sum} tells the same. Immutable.
 */
record Line(long number, String previous, String text) {

  /** What the first entry has in the place of a hash. */
  static final String NOTHING_BEFORE = "sha256:" + "0".repeat(64);

  private static final Pattern BEGIN =
      Pattern.compile(
          "\\{\"number\":([1-9][0-9]{0,17}),\"previous\":\"(sha256:[0-9a-f]{64})\",\"time\":\"");

  static Line of(long number, String previous, String body) {
    String text =
        "{\"number\":" + number + ",\"previous\":\"" + previous + "\"," + body.substring(1);
    return new Line(number, previous, text);
  }

  /** Empty when the text is no entry. */
  static Optional<Line> parse(String text) {
    Matcher begin = BEGIN.matcher(text);
    return begin.lookingAt()
        ? Optional.of(new Line(Long.parseLong(begin.group(1)), begin.group(2), text))
        : Optional.empty();
  }

  String hash() {
    return hash(text);
  }

  static String hash(String text) {
    try {
      byte[] octets = (text + "\n").getBytes(StandardCharsets.UTF_8);
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
