package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Archives that somebody else made, handed to {@code guardbee restore}. */
class HostileBackupTest {

  private static final String EVIL =
      """
      hsm: {uri: "pkcs11:token=t?module-path=/tmp/evil.so&pin-value=1234"}
      listen: {bind: 0.0.0.0}
      approval: {webhook: {url: "https://evil.example/x", secretFile: s}}
      tokens: {validity: P2D}
      """;

  @TempDir private Path directory;
  private Path archive;
  private Path home;
  private final StringWriter told = new StringWriter();

  @BeforeEach
  void layPlaces() {
    archive = directory.resolve("a.zip");
    home = directory.resolve("in/home");
  }

  /** Writes one of the entries of an archive. */
  private interface Entries {
    void to(ZipOutputStream zip) throws IOException;
  }

  private void archive(Entries entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entries.to(zip);
    }
  }

  private static void add(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private static String pem() {
    return Pem.certificate(TestCa.root().certificate());
  }

  private int restore(String... options) {
    String[] words = {"restore", archive.toString(), "--home", home.toString()};
    String[] all =
        Stream.concat(Arrays.stream(words), Arrays.stream(options)).toArray(String[]::new);
    CommandLine line = new CommandLine(new Main());
    line.setErr(new PrintWriter(told, true)).setOut(new PrintWriter(told, true));
    line.setExecutionExceptionHandler(
        (e, command, result) -> {
          told.append(String.valueOf(e.getMessage()));
          return 1;
        });
    return line.execute(all);
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("in"))) {
      return all.filter(path -> !Files.isDirectory(path)).map(Path::toString).toList();
    }
  }

  private void assertRefused(String why) throws IOException {
    assertThat(restore("--with-config")).isEqualTo(1);
    assertThat(told.toString()).contains(why);
    assertThat(left()).as("what was before it too").isEmpty();
    try (Stream<Path> all = Files.list(home)) {
      assertThat(all).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil.pem",
        "../../evil.pem",
        "/tmp/evil.pem",
        "ca/../../evil.pem",
        "ca/../config.yaml",
        "./config.yaml",
        "ca//evil.pem",
        "ca\\evil.pem",
        "ca/evil.sh",
        "ca/a/b/c/evil.pem",
        "db/guardbee.trace.db",
        "db/other.mv.db",
        "hsm/softhsm2.conf",
        "hsm/pin",
        "operator/operator.pem",
        "run/endpoints.json",
        "broker/conf/broker.pem",
        "broker/extensions/guardbee/conf/guardbee.yaml",
        "broker/extensions/guardbee/conf/policy.yaml",
        "config.yaml.from-backup",
        "evil/"
      })
  void namesThatBelongIntoNoBackupAreRefused(String name) throws IOException {
    archive(
        zip -> {
          add(zip, "ca/root.pem", pem());
          zip.putNextEntry(new ZipEntry(name));
          zip.closeEntry();
        });
    assertRefused("it holds");
    assertThat(directory.resolve("evil.pem")).doesNotExist();
  }

  @Test
  void sameNameTwiceIsRefused() throws IOException {
    archive(
        zip -> {
          add(zip, "ca/aaaa.pem", pem());
          add(zip, "ca/bbbb.pem", pem());
        });
    replaceAll("ca/bbbb.pem", "ca/aaaa.pem");
    assertRefused("\"ca/aaaa.pem\" twice");
  }

  @Test
  void fileWithinAFileIsRefused() throws IOException {
    archive(
        zip -> {
          add(zip, "ca/a.pem", pem());
          add(zip, "ca/a.pem/b.pem", pem());
        });
    assertRefused("one of its files lies in another one");
  }

  @Test
  void filesThatAreTooLargeOrTooManyAreRefused() throws IOException {
    archive(zip -> add(zip, "config.yaml", "#".repeat(2_000_000)));
    assertRefused("\"config.yaml\" is larger than");
    archive(zip -> add(zip, "ca/root.pem", pem() + "x".repeat(2_000_000)));
    assertRefused("\"ca/root.pem\" is larger than");
    archive(
        zip -> {
          for (int i = 0; i < 10_001; i++) {
            add(zip, "ca/" + i + ".pem", "-----BEGIN ");
          }
        });
    assertRefused("more than 10000 files");
  }

  /** 256 MiB of zeros in 256 KiB; it ends long before the disk is full. */
  @Test
  void bombIsRefused() throws IOException {
    archive(
        zip -> {
          zip.putNextEntry(new ZipEntry("db/guardbee.mv.db"));
          zip.write("H:2".getBytes(StandardCharsets.UTF_8));
          byte[] zeros = new byte[1 << 20];
          for (int i = 0; i < 256; i++) {
            zip.write(zeros);
          }
          zip.closeEntry();
        });
    assertThat(Files.size(archive)).isLessThan(1L << 20);
    assertRefused("it expands to more than");
  }

  @Test
  void symbolicLinkIsRefused() throws IOException {
    archive(zip -> add(zip, "ca/root.pem", "/etc/hostname"));
    byte[] octets = Files.readAllBytes(archive);
    ByteBuffer zip = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
    int directory = zip.getInt(octets.length - 6); // where the central directory begins
    zip.put(directory + 5, (byte) 3); // made on Unix
    zip.putInt(directory + 38, 0120777 << 16);
    Files.write(archive, octets);
    assertRefused("\"ca/root.pem\" is not what its name says");
  }

  @Test
  void damagedArchivesAreRefused() throws IOException {
    archive(
        zip -> {
          add(zip, "ca/root.pem", pem());
          add(zip, "db/guardbee.mv.db", "H:2" + "abc".repeat(1000));
        });
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("no backup of Guardbee");
    whole[60] ^= 0x55;
    Files.write(archive, whole);
    assertRefused("no backup of Guardbee");
    Files.writeString(archive, "no zip");
    assertRefused("it holds nothing");
    archive(zip -> add(zip, "db/guardbee.mv.db", "#!/bin/sh"));
    assertRefused("is not what its name says");
  }

  @Test
  void configurationIsNotUsedWithoutAsking() throws IOException {
    archive(
        zip -> {
          add(zip, "config.yaml", EVIL);
          add(zip, "ca/root.pem", pem());
        });
    assertThat(restore()).isZero();
    Path beside = home.resolve("config.yaml.from-backup");
    assertThat(home.resolve("config.yaml")).doesNotExist();
    assertThat(beside).hasContent(EVIL);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(beside)))
        .isEqualTo("rw-------");
    assertThat(told.toString())
        .contains("hsm.uri: ", "module-path=/tmp/evil.so", "a library that the service loads")
        .contains("listen.bind: \"0.0.0.0\"", "approval.webhook.url: \"https://evil.example/x\"")
        .contains("and in: tokens.validity")
        .contains("beside    " + beside + "  (not in force")
        .contains("root      sha256:")
        .doesNotContain("1234");
    assertThat(home.resolve("ca/root.pem")).exists();
  }

  @Test
  void configurationIsUsedWhereTheCommandSaysSo() throws IOException {
    archive(zip -> add(zip, "config.yaml", EVIL));
    assertThat(restore("--with-config")).isZero();
    assertThat(home.resolve("config.yaml")).hasContent(EVIL);
    assertThat(home.resolve("config.yaml.from-backup")).doesNotExist();
    assertThat(told.toString()).contains("module-path=/tmp/evil.so");
  }

  @Test
  void configurationOfTheHomeStaysInAnyCase() throws IOException {
    Files.createDirectories(home);
    Files.writeString(home.resolve("config.yaml"), "organization: Ours\n");
    archive(zip -> add(zip, "config.yaml", EVIL));
    assertThat(restore("--with-config")).isZero();
    assertThat(home.resolve("config.yaml")).hasContent("organization: Ours\n");
    assertThat(home.resolve("config.yaml.from-backup")).hasContent(EVIL);
    assertThat(told.toString()).contains("kept      " + home.resolve("config.yaml"));
  }

  @Test
  void configurationThatIsNotUnderstoodIsNeverUsed() throws IOException {
    archive(zip -> add(zip, "config.yaml", "hms: {}\n"));
    assertThat(restore("--with-config")).isEqualTo(1);
    assertThat(left()).isEmpty();
    assertThat(restore()).isZero();
    assertThat(home.resolve("config.yaml")).doesNotExist();
    assertThat(told.toString()).contains("config.yaml is not used: ", "unknown key hms");
  }

  private void replaceAll(String what, String by) throws IOException {
    String text = Files.readString(archive, StandardCharsets.ISO_8859_1);
    Files.writeString(archive, text.replace(what, by), StandardCharsets.ISO_8859_1);
  }
}
