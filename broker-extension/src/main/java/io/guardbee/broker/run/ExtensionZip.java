package io.guardbee.broker.run;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The extension as it is built, and its place in a HiveMQ home. */
record ExtensionZip(Path file) {

  /** Where the zip lies when it is not where the build leaves it. */
  static final String PROPERTY = "guardbee.extension.zip";

  private static final String ROOT = "guardbee/";
  private static final String CONF = "conf/";

  /** Finds the zip: by system property, else in the checkout that the launcher names. */
  static ExtensionZip find() throws IOException {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return new ExtensionZip(Path.of(named));
    }
    String root = System.getenv("GUARDBEE_ROOT");
    Path target = Path.of(root == null ? "." : root, "broker-extension", "target");
    if (Files.isDirectory(target)) {
      try (DirectoryStream<Path> zips =
          Files.newDirectoryStream(target, "guardbee-extension-*.zip")) {
        for (Path zip : zips) {
          return new ExtensionZip(zip);
        }
      }
    }
    throw new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "no guardbee-extension zip in " + target,
        "build it (./guardbee does), or set GUARDBEE_ROOT to the checkout");
  }

  /**
   * Makes the folder hold what the zip holds. Its {@code conf} is the operator's: a file there is
   * written only when it is missing.
   */
  void unpackTo(Path folder) throws IOException {
    removeProgram(folder);
    try (InputStream bytes = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(bytes)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.isDirectory() || !entry.getName().startsWith(ROOT)) {
          continue;
        }
        String name = entry.getName().substring(ROOT.length());
        Path target = folder.resolve(name).normalize();
        if (!target.startsWith(folder) || (name.startsWith(CONF) && Files.exists(target))) {
          continue;
        }
        Files.createDirectories(target.resolveSibling("."));
        Files.copy(zip, target);
      }
    }
  }

  private static void removeProgram(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> old =
          all.filter(path -> !path.startsWith(folder.resolve("conf")))
              .filter(path -> !path.equals(folder))
              .sorted(Comparator.reverseOrder())
              .toList();
      for (Path path : old) {
        Files.delete(path);
      }
    }
  }
}
