package io.guardbee.agent.enrol;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A one-time token as the operator handed it out. Prints as {@code ***}. */
public record EnrolToken(String value) {

  private static final int LONGEST = 1024;

  public EnrolToken {
    if (value.isEmpty()) {
      throw refused(Reason.TOKEN_MISSING, "the token is empty");
    }
    if (value.length() > LONGEST || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw refused(Reason.TOKEN_WRONG, "the token is not one line of printable characters");
    }
  }

  /** Reads the token from a file: never from the arguments, which every user of a machine sees. */
  public static EnrolToken read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in);
    }
  }

  public static EnrolToken read(InputStream in) throws IOException {
    byte[] text = in.readNBytes(LONGEST * 2);
    return new EnrolToken(new String(text, StandardCharsets.US_ASCII).strip());
  }

  private static RefusedException refused(Reason reason, String detail) {
    return new RefusedException(
        reason, detail, "save the token alone in the file: guardbee device grant prints it");
  }

  @Override
  public String toString() {
    return "***";
  }
}
