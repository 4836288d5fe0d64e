package io.guardbee.service.backup;

import io.guardbee.service.config.Home;
import java.nio.file.Path;

/** What may be in a backup. */
final class Contents {

  private static final String DATABASE = "guardbee.mv.db";

  private Contents() {}

  /** Whether that file of a home belongs into a backup; nothing outside of the home does. */
  static boolean isWanted(Home home, Path file) {
    Path normal = file.normalize();
    boolean authority =
        normal.startsWith(home.ca())
            && normal.getFileName().toString().matches(".*\\.(pem|crl|json|sig)");
    return authority || normal.equals(home.config()) || isDatabase(home, normal);
  }

  static boolean isDatabase(Home home, Path file) {
    return file.equals(database(home));
  }

  static Path database(Home home) {
    return home.database().resolve(DATABASE);
  }
}
