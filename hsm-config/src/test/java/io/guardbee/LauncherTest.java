package io.guardbee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The real script in a checkout of its own, whose Java and Maven only write down how they were
 * called.
 */
class LauncherTest {

  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final List<String> MODULES =
      List.of("hsm-config", "provisioning-service", "broker-extension", "device-agent");

  private static final String MAKE_JARS =
      "for m in "
          + String.join(" ", MODULES)
          + "; do mkdir -p $m/target; touch $m/target/$m-"
          + VERSION
          + ".jar; done";

  private record Result(int exitCode, String stdout, String stderr) {}

  /** A launcher at work. */
  private record Call(Process process, Path out, Path err) {
    String stderr() throws IOException {
      return Files.readString(err);
    }

    Result result() throws IOException, InterruptedException {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      return new Result(process.exitValue(), Files.readString(out), stderr());
    }
  }

  private final Path checkout;
  private final Path tools;
  private final Path jdk;

  LauncherTest(@TempDir Path directory) throws IOException {
    checkout = Files.createDirectory(directory.resolve("a checkout"));
    tools = Files.createDirectory(directory.resolve("tools"));
    jdk = Files.createDirectory(directory.resolve("jdk"));
  }

  @BeforeEach
  void layCheckout() throws IOException {
    Path launcher = Path.of(System.getProperty("guardbee.root"), "guardbee");
    Files.copy(launcher, checkout.resolve("guardbee"));
    Files.createFile(checkout.resolve("pom.xml"));
    for (String module : MODULES) {
      Files.createDirectories(checkout.resolve(module).resolve("src/main"));
    }
    Files.createDirectory(jdk.resolve("bin"));
    script(jdk.resolve("bin/java"), "printf '%s\\n' \"$@\"; env");
    script(jdk.resolve("bin/javac"), "exit 0");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.1\"\n");
    maven(MAKE_JARS);
  }

  /** A Maven that counts its runs before it does its work. */
  private void maven(String work) throws IOException {
    script(tools.resolve("mvn"), "echo run >> '" + tools + "/runs'\n" + work);
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\nset -e\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private long builds() throws IOException {
    Path runs = tools.resolve("runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "help", "-h", "--help"})
  void helpShowsExamplesAndExitCodes(String argument) throws Exception {
    Result result = argument.isEmpty() ? run() : run(argument);

    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout())
        .contains("Usage: guardbee", "guardbee agent enroll --id d-1", "Exit codes: 0 done");
    assertThat(result.stderr()).isEmpty();
    assertThat(builds()).isZero();
  }

  @Test
  void unknownCommandIsMisuse() throws Exception {
    Result result = run("frobnicate");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains("frobnicate", "guardbee --help");
  }

  @Test
  void versionIsData() throws Exception {
    assertThat(run("--version").stdout()).isEqualTo("guardbee " + VERSION + "\n");
  }

  @Test
  void commandsGoToTheirModules() throws Exception {
    assertThat(run("device", "list").stdout())
        .startsWith("-XX:TieredStopAtLevel=1\n")
        .contains("\nio.guardbee.service.Main\ndevice\nlist\n");
    assertThat(run("up").stdout())
        .contains("\nio.guardbee.service.Main\nup\n")
        .doesNotContain("\n-XX:TieredStopAtLevel");
    assertThat(run("policy", "test", "a b").stdout())
        .contains("\nio.guardbee.broker.run.Main\npolicy\ntest\na b\n")
        .contains("/broker-extension/target/broker/lib/*:", "/broker-extension/target/pkcs11/*\n");
    assertThat(run("broker", "run").stdout())
        .contains("/broker-extension/target/broker/lib/*\n")
        .doesNotContain("pkcs11/*");
    assertThat(run("bench", "road").stdout()).contains("\nio.guardbee.agent.Main\nbench\nroad\n");
  }

  @Test
  void userAddsOptionsForJava() throws Exception {
    Map<String, String> environment = Map.of("GUARDBEE_JAVA_OPTS", "-Xmx2g -Dmine=1");
    assertThat(run(checkout.resolve("guardbee"), environment, "up").stdout())
        .startsWith("-XX:+ExitOnOutOfMemoryError\n")
        .contains("\n-Xmx2g\n-Dmine=1\n");
  }

  @Test
  void programStartsFromClassesThatItsFirstRunHasLeft() throws Exception {
    Path state = checkout.resolve("target/launcher");
    assertThat(run("device", "list").stdout())
        .contains("\n-XX:ArchiveClassesAtExit=" + state + "/provisioning-service-21.jsa.");
    Path whole = state.resolve("provisioning-service-21.jsa.999999999"); // of no process
    Files.write(whole, HexFormat.of().parseHex("a8ab0bf000"));
    String archive = "-XX:SharedArchiveFile=" + state + "/provisioning-service-21.jsa\n";
    assertThat(run("grant", "list").stdout()).contains("\n" + archive);
    assertThat(run("up").stdout()).doesNotContain(archive);
    assertThat(whole).doesNotExist();

    Path unfinished = state.resolve("up-21.jsa.999999999"); // its process was killed
    Files.write(unfinished, new byte[5]);
    assertThat(run("up").stdout()).contains("\n-XX:ArchiveClassesAtExit=" + state + "/up-21.jsa.");
    assertThat(unfinished).doesNotExist();
    Path own = state.resolve("up-21.jsa." + ProcessHandle.current().pid()); // still being written
    Files.write(own, new byte[5]);
    assertThat(run("up").stdout()).contains("-XX:ArchiveClassesAtExit=");
    assertThat(own).exists();
  }

  /** It crashes as it writes one, at the end of a broker. */
  @Test
  void javaSeventeenLeavesNoClasses() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    assertThat(run("up").stdout()).doesNotContain("ArchiveClassesAtExit", "Xlog:cds");
  }

  @Test
  void buildEndsArchivesOfTheClassesOfBefore() throws Exception {
    run("device", "list");
    Path archive = Files.createFile(checkout.resolve("target/launcher/up-21.jsa"));
    Files.setLastModifiedTime(
        checkout.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(2)));
    assertThat(run("device", "list").exitCode()).isZero();
    assertThat(archive).doesNotExist();
  }

  @Test
  void homeDecidesWhatSoftHsmReads() throws Exception {
    assertThat(run("device", "list").stdout())
        .contains("\nSOFTHSM2_CONF=" + tools + "/.guardbee/hsm/softhsm2.conf\n");
    assertThat(run("up", "--home", "/a home").stdout())
        .contains("\nSOFTHSM2_CONF=/a home/hsm/softhsm2.conf\n");
    assertThat(run("agent", "status", "--home=near").stdout())
        .contains("\nSOFTHSM2_CONF=" + tools + "/near/agent/hsm/softhsm2.conf\n")
        .contains("\nGUARDBEE_PKCS11_MODULE=/the/module.so\n");
    assertThat(run(checkout.resolve("guardbee"), Map.of("GUARDBEE_HOME", "/h"), "demo").stdout())
        .contains("\nSOFTHSM2_CONF=/h/agent/hsm/softhsm2.conf\n");
  }

  @Test
  void hsmLooksIntoTheHomesTokenOrTheAgents() throws Exception {
    assertThat(run("hsm", "check", "--home", "/h").stdout())
        .contains("\nio.guardbee.service.Main\nhsm\ncheck\n--home\n/h\n")
        .contains("\nSOFTHSM2_CONF=/h/hsm/softhsm2.conf\n")
        .contains("\nGUARDBEE_PKCS11_MODULE=/the/module.so\n");
    assertThat(run("hsm", "keys", "list", "--agent", "--home=/h").stdout())
        .contains("\nSOFTHSM2_CONF=/h/agent/hsm/softhsm2.conf\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check --token pkcs11:token=x", "check --token=pkcs11:token=x", "init"})
  void tokensOfTheUsersOwnKeepTheUsersSoftHsmConfiguration(String arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("hsm"));
    words.addAll(List.of(arguments.split(" ")));
    String[] command = words.toArray(String[]::new);
    Path launcher = checkout.resolve("guardbee");

    assertThat(run(launcher, Map.of("SOFTHSM2_CONF", "/own.conf"), command).stdout())
        .contains("\nSOFTHSM2_CONF=/own.conf\n");
    assertThat(run(command).stdout())
        .contains("\nSOFTHSM2_CONF=" + tools + "/.guardbee/hsm/softhsm2.conf\n");
  }

  @Test
  void withoutATokenOfTheUsersOwnHsmLooksIntoTheHome() throws Exception {
    Path launcher = checkout.resolve("guardbee");

    assertThat(run(launcher, Map.of("SOFTHSM2_CONF", "/own.conf"), "hsm", "check").stdout())
        .contains("\nSOFTHSM2_CONF=" + tools + "/.guardbee/hsm/softhsm2.conf\n");
  }

  @Test
  void homeThatNamesATokenKeepsTheUsersSoftHsmConfiguration() throws Exception {
    Path launcher = checkout.resolve("guardbee");
    Map<String, String> exported = Map.of("SOFTHSM2_CONF", "/own.conf");
    Path home = Files.createDirectory(tools.resolve("second"));
    Path configuration = home.resolve("config.yaml");
    String own = "\nSOFTHSM2_CONF=" + home + "/hsm/softhsm2.conf\n";
    String[] run = {"service", "run", "--home", home.toString()};

    Files.writeString(configuration, "hsm:\n  uri: \"\"   # pkcs11:…\n");
    Result ignored = run(launcher, exported, run);
    assertThat(ignored.stdout()).contains(own);
    assertThat(ignored.stderr()).contains("not using /own.conf", "hsm.uri");

    Files.writeString(configuration, "hsm:\n  uri: \"pkcs11:token=guardbee\"\n");
    Result used = run(launcher, exported, run);
    assertThat(used.stdout()).contains("\nSOFTHSM2_CONF=/own.conf\n");
    assertThat(used.stderr()).contains("using /own.conf");
    Result list = run(launcher, exported, "device", "list", "--home", home.toString());
    assertThat(list.stdout()).contains("\nSOFTHSM2_CONF=/own.conf\n");
    assertThat(list.stderr()).doesNotContain("own.conf");
    assertThat(run(run).stdout()).contains(own);
  }

  @Test
  void symbolicLinksLeadToTheCheckout() throws Exception {
    Path first = Files.createSymbolicLink(tools.resolve("gb"), checkout.resolve("guardbee"));
    Path second = Files.createSymbolicLink(tools.resolve("again"), first.getFileName());

    assertThat(run(second, Map.of(), "ca", "show").stdout())
        .contains("\nGUARDBEE_ROOT=" + checkout.toRealPath() + "\n");
  }

  @Test
  void buildsWhatIsStaleOnce() throws Exception {
    Result first = run("ca", "show");
    assertThat(first.stderr()).contains("building with mvn and Java 21", "built in");
    assertThat(first.stdout()).doesNotContain("building");
    assertThat(run("ca", "show").stderr()).isEmpty();
    assertThat(builds()).isEqualTo(1);

    Files.createFile(checkout.resolve("device-agent/src/main/New.java"));
    run("ca", "show");
    assertThat(builds()).isEqualTo(2);

    Files.delete(checkout.resolve("hsm-config/target/hsm-config-" + VERSION + ".jar"));
    run("ca", "show");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void failedBuildTellsWhyAndWhere() throws Exception {
    maven("echo '[ERROR] Main.java:[3,1] no such thing'; exit 1");

    Result result = run("up");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stderr())
        .contains("no such thing", checkout.toRealPath() + "/target/launcher/build.log");
    assertThat(result.stdout()).isEmpty();
    assertThat(checkout.resolve("target/launcher/lock")).doesNotExist();
  }

  @Test
  void twoLaunchersBuildOnce() throws Exception {
    Path go = holdMaven();
    Call first = start(checkout.resolve("guardbee"), Map.of(), "up");
    await().until(() -> builds() == 1);
    Call second = start(checkout.resolve("guardbee"), Map.of(), "demo");
    await().until(() -> second.stderr().contains("waiting"));
    Files.createFile(go);

    assertThat(first.result().exitCode()).isZero();
    assertThat(second.result().exitCode()).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void killedLauncherLeavesNoLockBehind() throws Exception {
    Path go = holdMaven();
    Call killed = start(checkout.resolve("guardbee"), Map.of(), "up");
    await().until(() -> builds() == 1);
    killed.process().destroyForcibly().waitFor();
    Files.createFile(go); // its Maven comes to an end

    assertThat(run("ca", "show").exitCode()).isZero();
    assertThat(builds()).isEqualTo(2);
    assertThat(checkout.resolve("target/launcher/lock")).doesNotExist();
  }

  /** Maven waits until the file returned exists. */
  private Path holdMaven() throws IOException {
    Path go = tools.resolve("go");
    maven("until [ -e '" + go + "' ]; do sleep 0.1; done\n" + MAKE_JARS);
    return go;
  }

  @Test
  void javaHomeMustBeAJdkOfSeventeenOrLater() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    Result old = run("ca", "show");
    assertThat(old.exitCode()).isEqualTo(1);
    assertThat(old.stderr()).contains(jdk.toString(), "older than 17");

    Files.delete(jdk.resolve("bin/javac"));
    assertThat(run("ca", "show").stderr()).contains(jdk.toString(), "no JDK");
  }

  private Result run(String... arguments) throws Exception {
    return run(checkout.resolve("guardbee"), Map.of(), arguments);
  }

  private Result run(Path program, Map<String, String> environment, String... arguments)
      throws Exception {
    return start(program, environment, arguments).result();
  }

  private Call start(Path program, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", program.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(tools, "call", ".out");
    Path err = Files.createTempFile(tools, "call", ".err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(tools.toFile());
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("GUARDBEE"));
    builder.environment().remove("SOFTHSM2_CONF"); // surefire's own
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().put("GUARDBEE_JAVA_HOME", jdk.toString());
    builder.environment().put("GUARDBEE_PKCS11_MODULE", "/the/module.so");
    builder.environment().putAll(environment);
    return new Call(builder.start(), out, err);
  }
}
