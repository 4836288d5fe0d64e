package io.guardbee.hsm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as an operator types them, on a real SoftHSM and a real software TPM. */
class HsmCommandTest {

  private final Path directory;
  private final List<Dependent> dependents = new ArrayList<>();
  private Token token;
  private TokenKey key;

  HsmCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void makeKey() {
    token = TestToken.open();
    key = token.generate(TestToken.label("cli"), KeyType.EC_P256);
  }

  @AfterEach
  void destroyKey() {
    token.destroy(key);
    token.close();
  }

  private record Said(int exit, String out, String err) {}

  @Command(name = "hsm")
  private static final class TestHsm extends HsmCommand {
    TestHsm(Installation installation) {
      super(installation);
    }
  }

  private Said run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new TestHsm(new TestInstallation(dependents)));
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    line.setExecutionExceptionHandler(
        (failure, where, parsed) -> {
          where.getErr().println("error: " + io.guardbee.cli.Cli.explain(failure));
          return 1;
        });
    return new Said(line.execute(args), out.toString(), err.toString());
  }

  private record TestInstallation(List<Dependent> known) implements Installation {
    @Override
    public Pkcs11Uri token(Path home) {
      return TestToken.uri();
    }

    @Override
    public Pkcs11Uri agentToken(Path home) {
      return TestToken.uri();
    }

    @Override
    public List<Dependent> dependents(Path home) {
      return known;
    }
  }

  private Set<String> labels() {
    return token.list().stream().map(TokenKey::label).collect(Collectors.toSet());
  }

  @Test
  void checkTellsOnOnePageWhatTheTokenIsAndCan() {
    Said said = run("check");

    assertThat(said.exit()).isZero();
    assertThat(said.out())
        .contains("libsofthsm2.so", "SoftHSM", "softhsm2: ", "\"guardbee-test\"", "LOGIN_REQUIRED")
        .contains("ready since", "sessions", "clock", "ec-p256 (needed)", "CKM_ECDSA", "sign rate")
        .contains("result      healthy")
        .doesNotContain(TestToken.uri().pinSource().orElseThrow().toString());
  }

  @Test
  void checkChangesNothingAndDeepLeavesNothing() {
    Set<String> before = labels();
    assertThat(run("check", "--json").exit()).isZero();
    assertThat(labels()).isEqualTo(before);

    Said deep = run("check", "--deep", "--json");

    assertThat(deep.exit()).isZero();
    JsonNode report = JsonMapper.shared().readTree(deep.out());
    assertThat(report.path("healthy").asBoolean()).isTrue();
    assertThat(report.path("testKeys").size()).isEqualTo(KeyType.values().length);
    assertThat(report.path("abilities").size()).isEqualTo(KeyType.values().length);
    assertThat(labels()).isEqualTo(before);
  }

  @Test
  void checkSaysWhatATpmCannotDoAndWhatWorksInstead() throws Exception {
    Said said = run("check", "--deep", "--token", SoftTpm.shared().uri().toString());

    assertThat(said.out())
        .contains("tpm2-pkcs11", "missing: \"guardbee-tpm\" makes no ec-p521 keys", "ec-p384")
        .contains("result      healthy");
    assertThat(said.exit()).isZero();
  }

  @Test
  void keysAreListedAndShownWithWhatDependsOnThem() throws Exception {
    dependents.add(
        new Dependent(
            directory.resolve("https.pem"), TestCa.root().server("CN=web", key.publicKey())));

    Said list = run("keys", "list");
    Said show = run("keys", "show", key.label());
    Said json = run("keys", "list", "--json");

    assertThat(list.out()).contains(key.label(), key.id(), "ec-p256", "server CN=web");
    assertThat(show.out())
        .contains(key.id(), "sensitive and not extractable", "always sensitive: yes", "https.pem");
    assertThat(JsonMapper.shared().readTree(json.out()).path("keys").size()).isPositive();
    assertThat(run("keys", "show", "no such key").err()).contains("key-missing");
  }

  @Test
  void keyInUseIsNeverDestroyed() throws Exception {
    dependents.add(
        new Dependent(
            directory.resolve("https.pem"), TestCa.root().server("CN=web", key.publicKey())));

    Said said = run("keys", "destroy", key.label(), "--confirm", key.label());

    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err()).contains("CN=web", "https.pem");
    assertThat(labels()).contains(key.label());
  }

  @Test
  void keyIsDestroyedOnlyWhenItsLabelIsTypedBack() {
    TokenKey other = token.generate(TestToken.label("doomed"), KeyType.EC_P256);

    Said wrong = run("keys", "destroy", other.label(), "--confirm", "another");
    assertThat(wrong.exit()).isNotZero();
    assertThat(labels()).contains(other.label());

    Said right = run("keys", "destroy", other.label(), "--confirm", other.label());
    assertThat(right.exit()).isZero();
    assertThat(labels()).doesNotContain(other.label());
  }

  @Test
  void initMakesATokenAndNeverErasesOne() throws Exception {
    String label = TestToken.label("made").substring(0, 20);
    Path officer = pin("so.pin", "officer-pin-1");
    Path user = pin("user.pin", "user-pin-1");
    String[] command = {
      "init",
      "--label",
      label,
      "--so-pin-source",
      officer.toString(),
      "--pin-source",
      user.toString()
    };

    Said made = run(command);

    assertThat(made.exit()).as(made.err()).isZero();
    assertThat(made.out() + made.err()).doesNotContain("officer-pin-1", "user-pin-1");
    try (Token fresh = Token.open(Pkcs11Uri.parse(made.out().strip()))) {
      assertThat(fresh.list()).isEmpty();
    }
    assertThat(run(command).exit()).isEqualTo(1);
    Files.setPosixFilePermissions(user, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run(command).err()).contains("chmod 600");
  }

  private Path pin(String name, String text) throws Exception {
    Path file = Files.writeString(directory.resolve(name), text + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void profilesAreListedAndExplained() {
    assertThat(run("profiles").out()).contains("softhsm2", "tpm2-pkcs11", "yubihsm2", "luna");
    assertThat(run("profiles", "tpm2-pkcs11").out()).contains("CKA_DECRYPT", "measured");
    assertThat(run("profiles", "nobody").err()).contains("known here");
  }
}
