package io.guardbee.hsm.session;

import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the PKCS#11 library's file. */
public final class ModuleFile {

  static final String VARIABLE = "GUARDBEE_PKCS11_MODULE";

  private static final String ENTRY_POINT = "C_GetFunctionList";

  /** Where Debian, Ubuntu, Fedora, Alpine, Homebrew and {@code make install} put SoftHSM. */
  private static final List<String> USUAL_PLACES =
      List.of(
          "/usr/lib/softhsm/libsofthsm2.so",
          "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
          "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
          "/usr/lib64/pkcs11/libsofthsm2.so",
          "/usr/lib64/softhsm/libsofthsm2.so",
          "/usr/lib/pkcs11/libsofthsm2.so",
          "/usr/local/lib/softhsm/libsofthsm2.so",
          "/opt/homebrew/lib/softhsm/libsofthsm2.so");

  private ModuleFile() {}

  public static Path find(Pkcs11Uri uri) {
    return find(uri, System.getenv(VARIABLE), USUAL_PLACES);
  }

  /** The URI's module-path, else the environment's, else the first usual place that has one. */
  static Path find(Pkcs11Uri uri, @Nullable String environment, List<String> usualPlaces) {
    Optional<Path> named = uri.modulePath();
    if (named.isPresent()) {
      return existing(named.get(), "module-path of the PKCS#11 URI");
    }
    if (environment != null && !environment.isBlank()) {
      return existing(Path.of(environment), "environment variable " + VARIABLE);
    }
    List<String> looked = new ArrayList<>();
    for (String place : usualPlaces) {
      if (Files.isRegularFile(Path.of(place))) {
        return Path.of(place);
      }
      looked.add(place);
    }
    throw missing("no PKCS#11 module found; looked at " + String.join(", ", looked));
  }

  private static Path existing(Path file, String origin) {
    if (Files.isRegularFile(file)) {
      return file;
    }
    throw missing(origin + " names " + Quoted.of(file.toString()) + ", which is no file");
  }

  /**
   * Looks for the one symbol that every PKCS#11 library exports: the wrapper brings the JVM down
   * with a library that has it not.
   */
  static boolean hasEntryPoint(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      int matched = 0;
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        // only its first character is a C: after a mismatch nothing but that can match
        matched = octet == ENTRY_POINT.charAt(matched) ? matched + 1 : octet == 'C' ? 1 : 0;
        if (matched == ENTRY_POINT.length()) {
          return true;
        }
      }
      return false;
    }
  }

  private static RefusedException missing(String detail) {
    return new RefusedException(
        Reason.MODULE_MISSING,
        detail,
        "install SoftHSM with: apt-get install softhsm2; or set "
            + VARIABLE
            + " to your module's library");
  }
}
