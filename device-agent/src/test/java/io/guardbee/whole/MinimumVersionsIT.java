package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** No jar that is shipped is older than {@code minimum-versions.csv} allows. */
class MinimumVersionsIT {

  private static final Path ROOT = Path.of(System.getProperty("guardbee.root"));
  private static final Pattern JAR = Pattern.compile("(?:.*/)?(.+?)-([0-9][^/]*)\\.jar");

  /** One line of the list. */
  private record Minimum(String artifact, String line, Version version, String reason) {

    static Minimum parse(String text) {
      String[] columns = text.split(",", 4);
      return new Minimum(columns[0], columns[1], Version.parse(columns[2]), columns[3]);
    }

    boolean isFor(Jar jar) {
      return jar.artifact().equals(artifact)
          && (line.isEmpty() || jar.version().toString().startsWith(line + "."));
    }
  }

  private record Jar(String artifact, Version version, String place) {

    static Stream<Jar> of(String name, String place) {
      Matcher parts = JAR.matcher(name);
      return parts.matches()
          ? Stream.of(new Jar(parts.group(1), Version.parse(parts.group(2)), place))
          : Stream.empty();
    }
  }

  @Test
  void noShippedJarIsOlderThanTheListAllows() throws IOException {
    List<Jar> shipped = shipped();
    List<String> tooOld = new ArrayList<>();
    for (Minimum minimum : minimums()) {
      List<Jar> meant = shipped.stream().filter(minimum::isFor).toList();
      assertThat(meant).as("jars for the line " + minimum).isNotEmpty();
      meant.stream()
          .filter(jar -> jar.version().compareTo(minimum.version()) < 0)
          .forEach(jar -> tooOld.add(jar + " is older than " + minimum));
    }
    assertThat(tooOld).isEmpty();
  }

  private static List<Minimum> minimums() throws IOException {
    try (InputStream list = MinimumVersionsIT.class.getResourceAsStream("minimum-versions.csv")) {
      assertThat(list).isNotNull();
      return new String(list.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(Minimum::parse)
          .toList();
    }
  }

  private static List<Jar> shipped() throws IOException {
    List<Jar> jars = new ArrayList<>();
    for (String folder :
        List.of(
            "provisioning-service/target/lib",
            "device-agent/target/lib",
            "broker-extension/target/broker/lib")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        files.flatMap(file -> Jar.of(file.getFileName().toString(), folder)).forEach(jars::add);
      }
    }
    try (DirectoryStream<Path> zips =
        Files.newDirectoryStream(
            ROOT.resolve("broker-extension/target"), "guardbee-extension-*.zip")) {
      for (Path zip : zips) {
        try (ZipFile file = new ZipFile(zip.toFile())) {
          file.stream()
              .map(ZipEntry::getName)
              .flatMap(name -> Jar.of(name, "the extension zip"))
              .forEach(jars::add);
        }
      }
    }
    return jars;
  }
}
