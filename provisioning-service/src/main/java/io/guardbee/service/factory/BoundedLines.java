package io.guardbee.service.factory;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of a stream from outside, each of bounded length. Not thread-safe. */
final class BoundedLines {

  private static final int LONGEST = 16_384; // a CSR for RSA 8192 in PEM is about 3,000

  private final InputStream in;

  BoundedLines(InputStream in) {
    this.in = new BufferedInputStream(in, LONGEST);
  }

  /**
   * The next line that is not blank, or null at the end.
   *
   * @throws RefusedException {@link Reason#REQUEST_TOO_LARGE} when it is over 16,384 bytes
   */
  @Nullable String next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int octet;
    while ((octet = in.read()) >= 0) {
      if (octet != '\n') {
        line.write(octet);
      } else if (!line.toString(StandardCharsets.UTF_8).isBlank()) {
        return line.toString(StandardCharsets.UTF_8);
      } else {
        line.reset();
      }
      if (line.size() > LONGEST) {
        throw new RefusedException(
            Reason.REQUEST_TOO_LARGE,
            "a row is longer than " + LONGEST + " bytes",
            "send one JSON object a line");
      }
    }
    String rest = line.toString(StandardCharsets.UTF_8);
    return rest.isBlank() ? null : rest;
  }
}
