package io.guardbee.broker.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a node believes, and from whom it lets itself be told. */
class TrustTests {

  @TempDir Path folder = Path.of("");
  private final TestCa root = TestCa.root();
  private final TestCa first = root.authority("issuing");
  private final TestCa second = root.authority("issuing");

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(
        folder.resolve("conf/guardbee.yaml"),
        Files.readString(Path.of("src/main/extension/conf/guardbee.yaml")));
    put("root.pem", root);
    put("issuing.pem", first);
  }

  private void put(String name, TestCa... authorities) throws IOException {
    Files.writeString(
        folder.resolve("conf").resolve(name),
        Pem.certificates(Stream.of(authorities).map(TestCa::certificate).toList()));
  }

  private Trust open() {
    BrokerConfig config = BrokerConfig.read(folder, new Properties());
    return Trust.open(config, folder.resolve("data"), Clock.systemUTC());
  }

  private Path kept() {
    return folder.resolve("data/trust.json");
  }

  private static Instructions.Trust told(TestCa root, TestCa... issuing) {
    List<X509Certificate> all = Stream.of(issuing).map(TestCa::certificate).toList();
    return new Instructions.Trust(List.of(root.certificate()), all);
  }

  private static boolean letsIn(Trust trust, TestCa device) {
    try {
      trust.issuers().identify(device.certificate(), Instant.now());
      return true;
    } catch (RefusedException e) {
      assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
      return false;
    }
  }

  @Test
  void beginsWithItsFilesAndThenBelievesTheServiceAlsoAfterARestart() {
    Trust trust = open();
    assertThat(letsIn(trust, first.device("d-1"))).isTrue();
    assertThat(letsIn(trust, second.device("d-1"))).isFalse();

    assertThat(trust.accept(told(root, first, second))).isTrue();
    assertThat(letsIn(trust, first.device("d-1"))).isTrue();
    assertThat(letsIn(trust, second.device("d-1"))).isTrue();

    assertThat(trust.accept(told(root, second))).isTrue();
    assertThat(letsIn(trust, first.device("d-1"))).as("retired").isFalse();
    assertThat(letsIn(open(), first.device("d-1"))).as("retired, after a restart").isFalse();
    assertThat(letsIn(open(), second.device("d-1"))).isTrue();
    assertThat(open().isLost()).isFalse();
  }

  @Test
  void theSameToldAgainChangesNothing() {
    Trust trust = open();
    TrustedIssuers before = trust.issuers();
    long generation = trust.generation();

    assertThat(trust.accept(told(root, first))).as("as the files say").isFalse();
    assertThat(trust.accept(told(root, first))).isFalse();

    assertThat(trust.issuers()).isSameAs(before);
    assertThat(trust.generation()).isEqualTo(generation);
    assertThat(trust.accept(told(root, second))).isTrue();
    assertThat(trust.generation()).isGreaterThan(generation);
    assertThat(trust.issuers()).isNotSameAs(before);
  }

  @Test
  void whoeverSpeaksAsTheServiceCannotTellAnAuthorityThatTheRootHasNotSigned() {
    TestCa hostile = TestCa.root("Hostile Root");
    TestCa impostor = TestCa.root("Test Root");
    Trust trust = open();

    for (Instructions.Trust lie :
        List.of(
            told(hostile, hostile.authority("issuing")),
            told(impostor, impostor.authority("issuing")),
            told(root, first, hostile.authority("issuing")),
            told(root, hostile.authority("issuing")),
            told(root, root.device("d-evil")),
            told(root, first.device("d-evil")),
            told(hostile, second), // by a root that was not told
            told(root))) {
      assertThat(trust.accept(lie)).isFalse();
    }

    assertThat(letsIn(trust, first.device("d-1"))).isTrue();
    assertThat(trust.issuers().all()).containsExactly(first.certificate());
    assertThat(kept()).doesNotExist();
  }

  @Test
  void authorityBelowAnotherIsBelievedWithinItsPathLength() {
    TestCa upper = TestCa.draft("CN=upper").pathLength(1).signedBy(root);
    TestCa narrow = TestCa.draft("CN=narrow").pathLength(0).signedBy(root);
    Trust trust = open();

    assertThat(trust.accept(told(root, upper, upper.authority("lower")))).isTrue();
    assertThat(trust.accept(told(root, narrow, narrow.authority("lower")))).isFalse();
    assertThat(letsIn(trust, upper.device("d-1"))).isTrue();
  }

  @Test
  void alteredFileIsNotUsedAndAskedForAgain() throws IOException {
    open().accept(told(root, second));
    String text = Files.readString(kept());
    Files.writeString(kept(), text.replaceFirst("MII", "MIJ"));
    assertThat(open().isLost()).isTrue();
    assertThat(letsIn(open(), second.device("d-1"))).isFalse();
    assertThat(letsIn(open(), first.device("d-1"))).as("by the files").isTrue();

    // what would hold by itself, such as an authority that was retired
    Files.writeString(kept(), text.replace(inJson(second), inJson(first)));
    assertThat(open().isLost()).isTrue();

    Files.writeString(kept(), text.substring(0, text.length() / 2));
    Trust torn = open();
    assertThat(torn.isLost()).isTrue();
    torn.accept(told(root, second));
    assertThat(torn.isLost()).isFalse();
    assertThat(letsIn(open(), second.device("d-1"))).isTrue();
  }

  private static String inJson(TestCa authority) {
    return Pem.certificate(authority.certificate()).replace("\n", "\\n");
  }

  @Test
  void whatWasToldIsJudgedAgainByTheRootThatIsInstalledNow() throws IOException {
    open().accept(told(root, second));
    TestCa otherRoot = TestCa.root("Other Root");
    put("root.pem", otherRoot);
    put("issuing.pem", otherRoot.authority("issuing"));

    Trust moved = open();
    assertThat(letsIn(moved, second.device("d-1"))).isFalse();
    assertThat(moved.isLost()).isTrue();
  }

  @Test
  void endedAuthorityAmongOthersDoesNotKeepThemOut() {
    Instant now = Instant.now();
    TestCa ended =
        TestCa.draft("CN=ended")
            .authority()
            .valid(now.minusSeconds(200), now.minusSeconds(100))
            .signedBy(root);
    Trust trust = open();
    assertThat(trust.accept(told(root, ended, second))).isTrue();
    assertThat(letsIn(trust, second.device("d-1"))).isTrue();
    assertThatThrownBy(() -> trust.issuers().identify(ended.device("d-1").certificate(), now))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED));
  }

  @Test
  void fileThatHoldsNoAuthorityRefusesTheStart() throws IOException {
    put("issuing.pem", first.device("d-1"));
    assertRefused("trust.issuing", "basicConstraints");
    Files.writeString(folder.resolve("conf/issuing.pem"), "nothing");
    assertRefused("trust.issuing", "issuing.pem");
    Files.delete(folder.resolve("conf/issuing.pem"));
    assertRefused("cannot read trust.issuing", "issuing.pem");
    put("issuing.pem", first);
    Files.delete(folder.resolve("conf/root.pem"));
    assertRefused("cannot read trust.service", "root.pem");
  }

  @Test
  void authorityOfAHierarchyOfItsOwnIsBelievedByTheFile() throws IOException {
    TestCa other = TestCa.root("Other").authority("issuing");
    put("issuing.pem", other);
    Trust trust = open();
    assertThat(letsIn(trust, other.device("d-1"))).isTrue();
    trust.accept(told(root, other, first));
    assertThat(letsIn(trust, other.device("d-1"))).isTrue();

    GeneralName acme = new GeneralName(new X500Name("O=Acme"));
    put("issuing.pem", TestCa.draft("CN=limited").permitted(acme).signedBy(TestCa.root("Other")));
    assertRefused("name constraints", "trust.service");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(e.line()).contains(parts);
            });
  }
}
