package io.guardbee.broker.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a node believes, and from whom it lets itself be told. */
class TrustTests {

  @TempDir Path folder = Path.of("");
  private final TestCa root = TestCa.root();
  private final TestCa first = root.authority("issuing");
  private final TestCa second = root.authority("issuing");
  private final TestCa operations = root.authority("operations");
  private final TestRecords records =
      new TestRecords(root).certify(Identity.OPERATIONS, operations);

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

  /** As after a ceremony of that root that certified these. */
  private Instructions.Trust told(TestCa by, TestCa... issuing) {
    TestRecords held = by.equals(root) ? records : new TestRecords(by);
    held.certify(Identity.ISSUING, issuing);
    return told(by, held.all(), held.crl(), issuing);
  }

  private static Instructions.Trust told(
      TestCa by, List<SignedRecord> held, String crl, TestCa... issuing) {
    List<X509Certificate> all = Stream.of(issuing).map(TestCa::certificate).toList();
    return new Instructions.Trust(List.of(by.certificate()), all, held, crl);
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

  private void assertNotBelieved(Trust trust, Instructions.Trust lie, String... parts) {
    List<X509Certificate> before = trust.issuers().all();
    assertThat(trust.accept(lie)).isFalse();
    assertThat(trust.refusal()).contains(parts);
    assertThat(trust.issuers().all()).isEqualTo(before);
  }

  @Test
  void authorityIsBelievedForTheRoleThatARecordOfTheRootSays() {
    Trust trust = open();
    records.certify(Identity.ISSUING, first);
    assertNotBelieved(
        trust,
        told(root, records.all(), "", first, operations),
        "is no issuing CA by any ceremony record");
    assertNotBelieved(
        trust, told(root, records.all(), "", first, second), "is no issuing CA by any");
    assertNotBelieved(trust, told(root, List.of(), "", first), "0 ceremony records");
    TestRecords forged = new TestRecords(TestCa.root("Test Root")).certify("issuing", second);
    assertNotBelieved(trust, told(root, forged.all(), "", second), "no root known here");
    SignedRecord genuine = records.all().get(1);
    SignedRecord altered =
        new SignedRecord(genuine.content().replace("rollover", "rollOver"), genuine.signature());
    assertNotBelieved(
        trust, told(root, List.of(records.all().get(0), altered), "", first), "altered");
  }

  @Test
  void operationsAuthorityOfTheFilesIsNoIssuingOneOnceARecordSaysSo() throws IOException {
    put("issuing.pem", first, operations);
    Trust trust = open();
    records.certify(Identity.ISSUING, first);
    assertNotBelieved(trust, told(root, records.all(), "", first, operations), "no issuing CA");
    assertThat(trust.accept(told(root, records.all(), "", first))).isTrue();
    assertThat(letsIn(trust, operations.device("d-1"))).isFalse();
  }

  @Test
  void revokedAuthorityCannotBeToldAgainAlsoAfterARestart() {
    Trust trust = open();
    trust.accept(told(root, first, second));
    List<SignedRecord> before = records.all();
    Instructions.Trust all = told(root, before, "", first, second);
    records.revoke(first);
    assertNotBelieved(
        trust, told(root, records.all(), records.crl(), first, second), "is revoked by the root");
    assertThat(trust.accept(told(root, records.all(), records.crl(), second))).isTrue();
    assertThat(letsIn(trust, first.device("d-1"))).as("though in trust.issuing").isFalse();

    for (Trust node : List.of(trust, open())) {
      assertNotBelieved(node, all, "older than what is known");
      assertNotBelieved(
          node, told(root, records.all(), records.crl(), first, second), "is revoked by the root");
      assertThat(letsIn(node, first.device("d-1"))).isFalse();
      assertThat(letsIn(node, second.device("d-1"))).isTrue();
    }
    records.certify(Identity.ISSUING, root.authority("issuing"));
    List<SignedRecord> withoutList = new java.util.ArrayList<>(records.all());
    withoutList.remove(records.all().size() - 2);
    assertNotBelieved(
        open(), told(root, withoutList, "", first, second), "older than what is known");
  }

  /** The retired issuing authority comes back with the records before its successor's. */
  @Test
  void recordsBeforeTheLastOneAreRefusedAlsoWithoutAListOfTheRoot() {
    Trust trust = open();
    trust.accept(told(root, first));
    Instructions.Trust before = told(root, records.all(), "", first);
    records.certify(Identity.ISSUING, second);
    assertThat(trust.accept(told(root, records.all(), "", second))).isTrue();
    for (Trust node : List.of(trust, open())) {
      assertNotBelieved(node, before, "older than what is known");
      assertThat(letsIn(node, first.device("d-1"))).isFalse();
    }
  }

  /** With it, one that is revoked would be told as good. */
  @Test
  void listOfRevokedAuthoritiesThatTheRootHasNotSignedIsRefused() {
    Trust trust = open();
    records.certify(Identity.ISSUING, first);
    String forged = new TestRecords(TestCa.root("Test Root")).revoke(second).crl();
    assertNotBelieved(trust, told(root, records.all(), forged, first), "is not one of the root");
  }

  @Test
  void twoRecordsOfOneNumberAreRefused() {
    TestRecords other =
        new TestRecords(root)
            .certify(Identity.OPERATIONS, operations)
            .certify(Identity.ISSUING, first);
    Trust trust = open();
    trust.accept(told(root, second));
    List<SignedRecord> twice = new java.util.ArrayList<>(records.all());
    twice.add(other.all().get(1));
    assertNotBelieved(trust, told(root, twice, "", second), "there are two ceremony records 2");
  }

  @Test
  void recordsOfAnotherPastAreRefused() {
    Trust trust = open();
    trust.accept(told(root, second));
    TestRecords other =
        new TestRecords(root)
            .certify(Identity.OPERATIONS, operations)
            .certify(Identity.ISSUING, first)
            .certify(Identity.ISSUING, second);
    assertNotBelieved(trust, told(root, other.all(), "", first), "is another than the one known");
    List<SignedRecord> mixed =
        List.of(records.all().get(0), records.all().get(1), other.all().get(2));
    assertNotBelieved(trust, told(root, mixed, "", second), "does not follow the record before");
  }

  @Test
  void onlyAnOperationsAuthorityThatIsNotRevokedSignsTheFeed() {
    Trust trust = open();
    Instructions.Trust now = told(root, first);
    assertNoSigner(trust, operations, null);
    trust.requireSigner(operations.certificate(), now);
    trust.accept(now);
    trust.requireSigner(operations.certificate(), null);
    for (TestCa other :
        List.of(
            first,
            root,
            operations.server("CN=broker-1,OU=broker"),
            root.authority("operations"))) {
      assertNoSigner(trust, other, null);
      assertNoSigner(trust, other, now);
    }
    TestCa successor = root.authority("operations");
    records.certify(Identity.OPERATIONS, successor);
    Instructions.Trust rolled = told(root, first);
    trust.requireSigner(successor.certificate(), rolled);
    trust.requireSigner(operations.certificate(), rolled);
    records.revoke(operations);
    Instructions.Trust revoked = told(root, records.all(), records.crl(), first);
    trust.accept(revoked);
    for (Trust node : List.of(trust, open())) {
      node.requireSigner(successor.certificate(), null);
      assertNoSigner(node, operations, null);
      assertNoSigner(node, operations, rolled);
    }
  }

  @Test
  void authorityThatHasEndedSignsNothing() {
    Instructions.Trust now = told(root, first);
    open().requireSigner(operations.certificate(), now);
    BrokerConfig config = BrokerConfig.read(folder, new Properties());
    Instant end = operations.certificate().getNotAfter().toInstant();
    Clock later = Clock.fixed(end.plusSeconds(1), ZoneOffset.UTC);
    Trust trust = Trust.open(config, folder.resolve("data"), later);
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> trust.requireSigner(operations.certificate(), now))
        .withMessageContaining("is not valid now");
  }

  private static void assertNoSigner(
      Trust trust, TestCa signer, Instructions.@Nullable Trust told) {
    assertThatThrownBy(() -> trust.requireSigner(signer.certificate(), told))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("is no operations CA");
  }

  @Test
  void whatAnEarlierVersionKeptHoldsUntilRecordsAreTold() throws IOException {
    String body =
        "{\"version\":1,\"roots\":[\"%s\"],\"issuing\":[\"%s\"]}\n"
            .formatted(inJson(root), inJson(second));
    Files.createDirectories(kept().getParent());
    Files.writeString(
        kept(),
        body + Fingerprint.of(body.getBytes(java.nio.charset.StandardCharsets.UTF_8)) + "\n");
    Trust trust = open();
    assertThat(trust.isLost()).isFalse();
    assertThat(letsIn(trust, second.device("d-1"))).isTrue();
    assertThat(letsIn(trust, first.device("d-1"))).isFalse();
    trust.accept(told(root, first));
    assertThat(letsIn(trust, first.device("d-1"))).isTrue();
    assertThat(letsIn(trust, second.device("d-1"))).isFalse();
  }
}
