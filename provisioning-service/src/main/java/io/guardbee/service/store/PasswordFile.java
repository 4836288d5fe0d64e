package io.guardbee.service.store;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** {@code db.passwordFile}: the password, on one line, for its owner alone. */
final class PasswordFile {

  private PasswordFile() {}

  /**
   * @param home what a relative name is relative to
   * @param name blank for none
   * @return empty for none
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is missing or others may
   *     read it
   */
  static String read(Path home, String name) throws IOException {
    if (name.isBlank()) {
      return "";
    }
    Path file = home.resolve(name);
    if (!Files.isReadable(file)) {
      throw invalid(file + " cannot be read", "write the password of db.user into it");
    }
    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    if (!mode.endsWith("------")) {
      throw invalid(file + " may be read by others (" + mode + ")", "chmod 600 " + file);
    }
    return Files.readString(file, StandardCharsets.UTF_8).strip();
  }

  private static RefusedException invalid(String detail, String fix) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, "db.passwordFile: " + detail, fix);
  }
}
