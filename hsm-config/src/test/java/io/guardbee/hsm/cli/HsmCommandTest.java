package io.guardbee.hsm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
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

  @Test
  void initFinishesATokenThatIsLeftWithoutAUserPin() throws Exception {
    String label = TestToken.label("cut").substring(0, 20);
    Path officer = pin("so.pin", "officer-pin-1");
    Path user = pin("user.pin", "1"); // SoftHSM takes 4 characters at least
    String[] command = {
      "init", "--label", label, "--so-pin-source=" + officer, "--pin-source=" + user
    };
    assertThat(run(command).err()).contains("pin-wrong", "C_InitPIN", "run the same command again");
    pin("user.pin", "user-pin-1");

    Said finished = run(command);

    assertThat(finished.exit()).as(finished.err()).isZero();
    try (Token fresh = Token.open(Pkcs11Uri.parse(finished.out().strip()))) {
      assertThat(fresh.label()).isEqualTo(label);
    }
  }

  @Test
  void initRefusesPinFilesThatAreNotThereAndSlotsThatAreTaken() throws Exception {
    Path pin = pin("so.pin", "officer-pin-1");
    String taken = Long.toString(token.keys().slot().token().slot());

    assertThat(run("init", "--label=x", "--so-pin-source=" + pin, "--pin-source=/no/pin").err())
        .contains("pin-wrong", "/no/pin", "is not there");
    Said slot =
        run("init", "--label=x", "--slot", taken, "--so-pin-source=" + pin, "--pin-source=" + pin);
    assertThat(slot.exit()).isEqualTo(1);
    assertThat(slot.err()).contains("\"guardbee-test\" already", "never erases");
    assertThat(labels()).contains(key.label());
  }

  @Test
  void labelTypedOnStdinDecides() {
    TokenKey other = token.generate(TestToken.label("typed"), KeyType.EC_P256);
    dependents.add(
        new Dependent(
            directory.resolve("certificate.pem"),
            TestCa.root().client("CN=d-1", other.publicKey())));

    Said nothing = typing("", "keys", "destroy", other.label());
    assertThat(nothing.exit()).isEqualTo(1);
    assertThat(nothing.err()).contains("no label was typed back", "nothing was destroyed");
    assertThat(typing("yes\n", "keys", "destroy", other.label()).err()).contains("\"yes\"");
    assertThat(labels()).contains(other.label());

    Said right = typing(other.label() + "\n", "keys", "destroy", other.label());
    assertThat(right.exit()).isZero();
    assertThat(right.err()).contains("depends on it: device or client CN=d-1");
    assertThat(right.out()).contains("destroyed", other.id(), "depended", "certificate.pem");
    assertThat(labels()).doesNotContain(other.label());
  }

  private Said typing(String text, String... args) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    try {
      return run(args);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void destroyingAKeyTakesTheCertificatesBesideItAlong() throws Exception {
    TokenKey other = token.generate(TestToken.label("pair"), KeyType.EC_P256);
    token
        .certificates()
        .store(
            other.label(), other.id(), List.of(TestCa.root().client("CN=d-2", other.publicKey())));
    assertThat(run("keys", "show", other.label()).out()).contains("certificate  CN=d-2 until");

    Said said = run("keys", "destroy", other.label(), "--confirm", other.label());

    assertThat(said.out()).contains("certificate CN=d-2");
    assertThat(token.certificates().find(other.label())).isEmpty();
  }

  @Test
  void wrongPinIsToldOnThePageAndInTheExitCode() throws Exception {
    Path wrong = pin("wrong.pin", "not-the-pin");
    String uri = TestToken.uri().withPinSource(wrong).toString();

    Said page = run("check", "--token", uri);
    Said json = run("check", "--json", "--token", uri);

    assertThat(page.exit()).isEqualTo(1);
    assertThat(page.out())
        .contains("problem     pin-wrong", "state       not usable", "result      not healthy")
        .contains("CKM_ECDSA") // what needs no login is told all the same
        .doesNotContain("not-the-pin");
    assertThat(json.exit()).isEqualTo(1);
    JsonNode report = JsonMapper.shared().readTree(json.out());
    assertThat(report.path("problems").path(0).path("reason").asString()).isEqualTo("pin-wrong");
    assertThat(report.propertyNames())
        .contains("module", "profile", "token", "state", "pin", "sessions", "clock", "abilities")
        .contains("signatures", "rate", "testKeys");
  }

  @Test
  void rootsKeyNeverSignsForACheck() {
    token
        .list()
        .forEach(
            one ->
                dependents.add(
                    new Dependent(directory.resolve("root.pem"), root(one.publicKey()))));

    JsonNode report = JsonMapper.shared().readTree(run("check", "--json").out());

    assertThat(report.path("signatures").size()).isZero();
    assertThat(report.path("rate").isNull()).isTrue();
  }

  /** Its own issuer by name, as a root's certificate is. */
  private static X509Certificate root(PublicKey key) {
    try {
      X500Name name = new X500Name("CN=Root");
      TestCa signer = TestCa.root("Root");
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              signer.certificate(),
              BigInteger.TEN,
              signer.certificate().getNotBefore(),
              signer.certificate().getNotAfter(),
              new X500Principal(name.getEncoded()),
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.key())));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void misuseIsTold() {
    assertThat(run("check", "--seconds", "0").exit()).isEqualTo(2);
    assertThat(run("keys", "list", "--agent", "--token", "pkcs11:token=x").err())
        .contains("--token and --agent name two tokens");
    assertThat(run().exit()).isEqualTo(2);
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
