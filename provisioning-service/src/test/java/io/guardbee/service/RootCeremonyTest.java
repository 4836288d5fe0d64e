package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.files.SafeFiles;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.service.config.Home;
import io.guardbee.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An operator's ceremonies as typed, each command a process: the root in a token of its own, which
 * is away while the service runs.
 */
class RootCeremonyTest {

  @TempDir private Path directory;
  private Home home;
  private String root;

  @BeforeEach
  void makeRootToken() throws Exception {
    home = new Home(directory.resolve("home"));
    SafeFiles.directory(home.hsm().resolve("tokens"));
    Files.writeString(
        configuration(), "directories.tokendir = " + home.hsm().resolve("tokens") + "\n");
    Path pin = directory.resolve("root.pin");
    SafeFiles.writeSecret(pin, "5417-root\n");
    ProcessBuilder tool =
        new ProcessBuilder(
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                "root",
                "--pin",
                "5417-root",
                "--so-pin",
                "8816-officer")
            .redirectErrorStream(true);
    tool.environment().put("SOFTHSM2_CONF", configuration().toString());
    Process process = tool.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    root = "pkcs11:token=root?pin-source=file:" + pin;
  }

  private Path configuration() {
    return home.hsm().resolve("softhsm2.conf");
  }

  private ChildJvm start(String... command) throws IOException {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of("--home", home.directory().toString()));
    return ChildJvm.start(
        Main.class,
        Map.of("SOFTHSM2_CONF", configuration().toString()),
        List.of(),
        line.toArray(String[]::new));
  }

  private String done(String... command) throws Exception {
    ChildJvm.Result result = start(command).result();
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return result.stdout() + result.stderr();
  }

  private String refused(String... command) throws Exception {
    ChildJvm.Result result = start(command).result();
    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isEqualTo(1);
    return result.stderr();
  }

  private interface Use {
    void of(Endpoints endpoints) throws Exception;
  }

  private void whileServiceRuns(Use use) throws Exception {
    Files.deleteIfExists(home.endpoints());
    ChildJvm service = start("service", "run", "--https-port", "0", "--http-port", "0");
    try {
      await().until(() -> Files.exists(home.endpoints()) || !service.process().isAlive());
      assertThat(service.process().isAlive()).isTrue();
      use.of(Endpoints.read(home.directory()));
    } finally {
      service.process().destroy();
      service.result();
    }
  }

  /** A second token directory, which a person takes out and puts back. */
  private Path rootToken() throws IOException {
    try (Stream<Path> tokens = Files.list(home.hsm().resolve("tokens"))) {
      return tokens.filter(RootCeremonyTest::isRoot).findFirst().orElseThrow();
    }
  }

  private static boolean isRoot(Path folder) {
    try {
      byte[] object = Files.readAllBytes(folder.resolve("token.object"));
      return new String(object, StandardCharsets.ISO_8859_1).contains("root      ");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate enrol(Endpoints at, String id, KeyPair key) {
    String token =
        Client.operator(at)
            .post("/v1/devices/" + id + "/grants", "")
            .json()
            .path("token")
            .asString();
    return Client.anonymous(at)
        .enrol("/simpleenroll", id, token, Csr.of(key).subject("CN=" + id).base64())
        .certificates()
        .get(0);
  }

  private static Client.Answer renew(Endpoints at, KeyPair key, X509Certificate own) {
    Csr csr = Csr.of(key).subject(own.getSubjectX500Principal().getName());
    return Client.with(at, key, own).renew(csr.base64());
  }

  private void assertAccepted(X509Certificate device) throws Exception {
    Path pem = Files.writeString(directory.resolve("device.pem"), Pem.certificate(device));
    Path ca = home.ca();
    assertThat(
            OpenSsl.run(
                "verify",
                "-x509_strict",
                "-CAfile",
                ca.resolve("root.pem"),
                "-untrusted",
                ca.resolve("chain.pem"),
                pem))
        .isEqualTo(new OpenSsl.Result(0, pem + ": OK\n"));
  }

  private List<X509Certificate> issuing() throws IOException {
    return Pem.readCertificates(home.ca().resolve("issuing.pem"));
  }

  @Test
  void rootIsNeededInCeremoniesOnly() throws Exception {
    assertThat(done("ca", "init", "--root", root))
        .contains("CN=Guardbee Root CA", "0001-init.json", "take the root's token");
    assertThat(refused("ca", "init", "--root", root))
        .contains("configuration-invalid: there are authorities already");
    Path slot = rootToken();
    Path away = Files.move(slot, directory.resolve("safe"));

    KeyPair key = Csr.newKey();
    List<X509Certificate> devices = new ArrayList<>();
    whileServiceRuns(
        at -> {
          devices.add(enrol(at, "d-1", key));
          devices.add(renew(at, key, devices.get(0)).certificates().get(0));
          assertAccepted(devices.get(0));
          assertAccepted(devices.get(1));
        });
    assertThat(refused("ca", "rollover", "issuing", "--root", root)).contains("key-missing: ");
    assertThat(refused("ca", "crl", "--root", root)).contains("key-missing: ");
    assertThat(refused("ca", "rollover", "issuing"))
        .contains("key-missing: token \"guardbee-ca\" does not hold the root's key");
    assertThat(issuing()).hasSize(1);

    Files.move(away, slot);
    done("ca", "rollover", "issuing", "--root", root);
    done("ca", "rollover", "operations", "--root", root);
    Files.move(slot, away);
    assertThat(issuing()).hasSize(2);
    whileServiceRuns(at -> assertBothBelieved(at, key, devices));

    X509Certificate old = issuing().get(1);
    Files.move(away, slot);
    String serial = Serial.of(old).toString();
    assertThat(refused("ca", "crl", "--root", root, "--revoke", Serial.of(issuing().get(0)) + ""))
        .contains("run guardbee ca rollover issuing first");
    assertThat(done("ca", "crl", "--root", root, "--revoke", serial, "--reason", "cACompromise"))
        .contains(serial);
    Files.move(slot, away);
    assertThat(
            OpenSsl.run(
                    "crl",
                    "-verify",
                    "-in",
                    home.ca().resolve("root.crl"),
                    "-CAfile",
                    home.ca().resolve("root.pem"),
                    "-noout")
                .said())
        .contains("verify OK");
    whileServiceRuns(
        at -> {
          assertThat(renew(at, key, devices.get(0)).reason())
              .isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
          renew(at, key, devices.get(2)).certificates();
        });
    assertShown();
  }

  private void assertBothBelieved(Endpoints at, KeyPair key, List<X509Certificate> devices)
      throws Exception {
    X509Certificate fresh = issuing().get(0);
    X509Certificate byNew = renew(at, key, devices.get(1)).certificates().get(0);
    byNew.verify(fresh.getPublicKey());
    renew(at, key, byNew).certificates();
    devices.add(byNew);
    assertAccepted(byNew);
    assertAccepted(devices.get(0));
    assertThat(Client.anonymous(at).get("/.well-known/est/cacerts").certificates())
        .containsAll(issuing())
        .containsAll(Pem.readCertificates(home.ca().resolve("operations.pem")))
        .containsAll(Pem.readCertificates(home.ca().resolve("root.pem")));
  }

  private void assertShown() throws Exception {
    assertThat(done("ca", "show"))
        .containsPattern("ceremony 1 {2}init {2}\\S+ {2}verified")
        .containsPattern("ceremony 2 {2}rollover {2}\\S+ {2}verified")
        .containsPattern("ceremony 4 {2}crl {2}\\S+ {2}verified")
        .contains("operations (predecessor)");
    assertThat(done("ca", "show", "--json")).contains("\"state\":\"verified\"");
    Path record = home.ca().resolve("ceremonies/0003-rollover.json");
    SafeFiles.delete(record);
    assertThat(refused("ca", "show")).contains("problem: ceremony 3: its record is missing");
  }

  @Test
  void firstStartWithoutCeremonyLeavesARecordToo() throws Exception {
    whileServiceRuns(at -> assertThat(at.caFingerprint()).startsWith("sha256:"));
    assertThat(done("ca", "show")).containsPattern("ceremony 1 {2}init {2}\\S+ {2}verified");
    assertThat(done("ca", "show")).contains("root CRL ends at ");
    assertThat(done("ca", "crl"))
        .as("nobody is revoked, and nothing says so")
        .startsWith("root CRL ends at ")
        .contains("  number       2", "  revoked      none");
    assertThat(refused("ca", "init")).contains("there are authorities already");
    done("ca", "rollover", "operations");
    whileServiceRuns(
        at -> assertThat(Client.operator(at).get("/v1/devices").status()).isEqualTo(200));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hsm/.unfinished",
        "ca/ceremonies/.lock",
        "ca/ceremonies/0001-init.json.sig",
        "ca/ceremonies/0001-init.json",
        "ca/root.pem"
      })
  void initKilledWhereverIsMadeGoodByRunningItAgain(String sign) throws Exception {
    ChildJvm victim = start("ca", "init", "--root", root);
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Files.exists(home.directory().resolve(sign)) || !victim.process().isAlive());
    victim.process().destroyForcibly();
    victim.result();

    ChildJvm.Result again = start("ca", "init", "--root", root).result();
    // it may have been too fast for us
    assertThat(again.exitCode() == 0 || again.stderr().contains("there are authorities already"))
        .as(again.stderr())
        .isTrue();
    assertThat(done("ca", "show")).containsPattern("ceremony 1 {2}init {2}\\S+ {2}verified");
    assertThat(Pem.readCertificates(home.ca().resolve("chain.pem"))).hasSize(3);
  }

  @Test
  void misuseIsTold() throws Exception {
    assertThat(start("ca", "rollover", "root").result().exitCode()).isEqualTo(2);
    assertThat(start("ca", "init", "--key-type", "dsa").result().exitCode()).isEqualTo(2);
    assertThat(start("ca", "crl", "--days", "0").result().exitCode()).isEqualTo(2);
    assertThat(start("ca", "crl", "--reason", "superseded").result().exitCode()).isEqualTo(2);
    assertThat(refused("ca", "show")).contains("key-missing: there is no ");
  }
}
