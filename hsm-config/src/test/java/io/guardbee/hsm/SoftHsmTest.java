package io.guardbee.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.ChildJvm;
import io.guardbee.testing.TestToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fresh directories need fresh processes: native code reads SOFTHSM2_CONF once. */
class SoftHsmTest {

  private final Path directory;

  SoftHsmTest(@TempDir Path parent) {
    this.directory = parent.resolve("hsm");
  }

  @Test
  void firstCallMakesEverythingForItsOwnerAloneAndPrintsNothing() throws Exception {
    assertSigned(run("first"));
    String pin = Files.readString(directory.resolve("pin"));
    assertSigned(run("first"));

    assertThat(directory.resolve("pin")).hasContent(pin.strip());
    assertThat(mode(directory)).isEqualTo("rwx------");
    for (Path path : contents()) {
      assertThat(mode(path)).as(path.toString()).endsWith("------");
    }
    assertThat(mode(directory.resolve("pin"))).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("softhsm2.conf"))).isEqualTo("rw-------");
  }

  @Test
  void processesThatComeAtTheSameTimeShareOneToken() throws Exception {
    List<ChildJvm> processes = new ArrayList<>();
    for (String key : List.of("a", "b", "c")) {
      processes.add(start(key));
    }
    for (ChildJvm process : processes) {
      assertSigned(process.result());
    }
    assertThat(tokens()).hasSize(1);
  }

  @Test
  void anotherProcessUsesTheSameTokenAtTheSameTime() throws Exception {
    String theirs = TestToken.label("theirs");
    try (Token token = TestToken.open()) {
      TokenKey ours = token.generate(TestToken.label("ours"), KeyType.EC_P256);
      String place = TestToken.directory().toString();
      assertSigned(
          ChildJvm.run(TokenProgram.class, Map.of(), place, "guardbee-test", ours.label()));
      assertSigned(ChildJvm.run(TokenProgram.class, Map.of(), place, "guardbee-test", theirs));

      token.destroy(token.find(theirs).orElseThrow());
      token.destroy(token.find(ours.label()).orElseThrow());
    }
  }

  @Test
  void aProcessKilledWhileItMakesTheTokenIsMadeGood() throws Exception {
    ChildJvm victim = start("lost");
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                Files.exists(directory.resolve(".unfinished"))
                    || !tokens().isEmpty()
                    || !victim.process().isAlive());
    victim.process().destroyForcibly();
    victim.result();

    assertSigned(run("after"));
    assertThat(tokens()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokens/", ".lock", "softhsm2.conf", "pin.new", ".unfinished.new"})
  void whatWasLeftBeforeTheTokenBeganIsNoHindrance(String leftover) throws Exception {
    leave(leftover);

    assertSigned(run("key"));
    assertThat(tokens()).hasSize(1);
  }

  @Test
  void anUnfinishedTokenIsMadeAnew() throws Exception {
    leave(".unfinished");
    leave("pin");
    leave("tokens/half/token.object");

    assertSigned(run("key"));
    assertThat(tokens()).hasSize(1);
    assertThat(directory.resolve(".unfinished")).doesNotExist();
  }

  @Test
  void aLostPinOrTokenIsToldAndNothingIsMadeInItsPlace() throws Exception {
    assertSigned(run("key"));
    Path pin = directory.resolve("pin");
    Path away = Files.move(pin, directory.resolve("away"));
    assertRefused(run("key"), "holds a token but no file pin");
    assertThat(pin).doesNotExist();

    Files.move(away, pin);
    SafeFiles.deleteContents(directory.resolve("tokens"));
    assertRefused(run("key"), "holds no token where \"box\" should be");
    assertThat(tokens()).isEmpty();
  }

  @Test
  void anotherTokenLabelIsRefused() throws Exception {
    assertSigned(run("key"));

    assertRefused(
        ChildJvm.run(TokenProgram.class, environment(), directory.toString(), "other", "key"),
        "holds token \"box\" where \"other\" should be");
  }

  @Test
  void tokensOfOtherLabelsStandBesideItUnharmed() throws Exception {
    Files.createDirectories(directory.resolve("tokens"));
    Files.writeString(
        directory.resolve("softhsm2.conf"),
        "directories.tokendir = " + directory.resolve("tokens") + "\n");
    makeNeighbour();
    List<Path> neighbours = tokens();

    assertSigned(run("key"));
    assertSigned(run("key"));
    assertThat(tokens()).hasSize(2).containsAll(neighbours);

    leave(".unfinished");
    leave("tokens/half/token.object");
    assertSigned(run("key"));
    assertThat(tokens()).as("only ours is made anew").hasSize(2).containsAll(neighbours);
  }

  private void makeNeighbour() throws Exception {
    ProcessBuilder tool =
        new ProcessBuilder(
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "root",
            "--pin",
            "1234",
            "--so-pin",
            "123456");
    tool.environment().putAll(environment());
    assertThat(tool.redirectErrorStream(true).start().waitFor()).isZero();
  }

  @Test
  void environmentMustNameTheDirectoryBeforeJavaStarts() {
    for (String environment : new String[] {null, "/etc/softhsm2.conf"}) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> SoftHsm.prepare(directory, "box", environment))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID))
          .satisfies(
              e -> assertThat(e.line()).contains("SOFTHSM2_CONF", directory + "/softhsm2.conf"));
    }
    assertThat(directory).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " box", "bo\nx", "Bücher", "123456789012345678901234567890123"})
  void labelThatATokenCannotHaveIsRefused(String label) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> SoftHsm.prepare(directory, label, directory + "/softhsm2.conf"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a#b", "a=b", "a\nb", "trailing "})
  void directoryThatSoftHsmCannotReadIsRefused(String name) {
    Path bad = directory.resolveSibling(name);

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> SoftHsm.prepare(bad, "box", bad + "/softhsm2.conf"))
        .withMessageContaining("cannot stand in SoftHSM's configuration");
  }

  @Test
  void directoryThatCannotBeMadeIsRefused() throws Exception {
    Files.createFile(directory);
    Path below = directory.resolve("hsm");

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> SoftHsm.prepare(below, "box", below + "/softhsm2.conf"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
  }

  private void leave(String name) throws IOException {
    Path path = directory.resolve(name);
    Files.createDirectories(path.resolveSibling("."));
    if (name.endsWith("/")) {
      Files.createDirectories(path);
    } else {
      Files.writeString(path, "half");
    }
  }

  private ChildJvm start(String key) throws IOException {
    return ChildJvm.start(
        TokenProgram.class, environment(), List.of(), directory.toString(), "box", key);
  }

  private ChildJvm.Result run(String key) throws Exception {
    return start(key).result();
  }

  private Map<String, String> environment() {
    return Map.of("SOFTHSM2_CONF", directory.resolve("softhsm2.conf").toString());
  }

  /** Neither the wrapper's licence banner nor its log lines may reach stdout. */
  private static void assertSigned(ChildJvm.Result result) {
    assertThat(result.stderr()).doesNotContain("[INFO]", "IAIK", "error");
    assertThat(result.stdout()).isEqualTo("signed\n");
    assertThat(result.exitCode()).isZero();
  }

  private static void assertRefused(ChildJvm.Result result, String detail) {
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains("key-missing: ", detail).hasLineCount(1);
  }

  private List<Path> contents() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.sorted(Comparator.naturalOrder()).toList();
    }
  }

  private List<Path> tokens() throws IOException {
    Path tokens = directory.resolve("tokens");
    if (!Files.exists(tokens)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(tokens)) {
      return all.toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
