package io.guardbee.service.ceremony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ceremony.AuthorityRecords;
import io.guardbee.service.OpenSsl;
import io.guardbee.service.RunningService;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.authority.RootListState;
import io.guardbee.service.ceremony.Ceremonies.CrlOrder;
import io.guardbee.service.ceremony.Ceremonies.Outcome;
import io.guardbee.service.ceremony.Ceremonies.Plan;
import io.guardbee.service.ceremony.Ceremonies.Tokens;
import io.guardbee.testing.TestToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ceremonies whole, cut off and tampered with, on a real token. */
class CeremoniesTest {

  private static final Duration QUARTER = Duration.ofDays(90);

  @TempDir private Path ca;
  private Token token;
  private Tokens tokens;
  private Ceremonies ceremonies;

  @BeforeEach
  void open() {
    // a root key for each test; the others share theirs, as homes on one token do
    Pkcs11Uri place = RunningService.token();
    token = Token.open(place);
    tokens = new Tokens(place.withObject(TestToken.label("root")), token);
    ceremonies = at(Clock.systemUTC());
  }

  @AfterEach
  void close() {
    tokens.root().object().flatMap(token::find).ifPresent(token::destroy);
    token.close();
  }

  private Ceremonies at(Clock clock) {
    Publication publication = new Publication("http://pki.acme.example");
    return new Ceremonies(ca, Optional.of(publication), new SecureRandom(), clock);
  }

  private Outcome init() throws IOException {
    return ceremonies.init(tokens, Plan.of("Acme"));
  }

  private Outcome rollover(String role) throws IOException {
    return ceremonies.rollover(tokens, role, Optional.empty());
  }

  private Outcome revoke(X509Certificate... authorities) throws IOException {
    Map<Serial, Optional<CaRevocationReason>> wanted = new java.util.HashMap<>();
    for (X509Certificate authority : authorities) {
      wanted.put(Serial.of(authority), Optional.of(CaRevocationReason.CA_COMPROMISE));
    }
    return ceremonies.crl(tokens.root(), new CrlOrder(wanted, QUARTER));
  }

  private List<X509Certificate> in(String file) throws IOException {
    return Pem.readCertificates(ca.resolve(file));
  }

  private Path file(String name) {
    return ca.resolve(name);
  }

  private static Reason refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
    return assertThatExceptionOfType(RefusedException.class).isThrownBy(work).actual().reason();
  }

  private List<String> states() throws IOException {
    return ceremonies.report().ceremonies().stream().map(CaReport.Ceremony::state).toList();
  }

  @Test
  void initMakesAuthoritiesThatOpenSslAcceptsAndARecordThatItVerifies() throws Exception {
    Outcome made = init();

    for (String role : List.of("issuing", "operations")) {
      assertThat(
              OpenSsl.run(
                      "verify", "-x509_strict", "-CAfile", file("root.pem"), file(role + ".pem"))
                  .exitCode())
          .isZero();
    }
    assertThat(in("chain.pem"))
        .containsExactly(
            in("issuing.pem").get(0), in("operations.pem").get(0), in("root.pem").get(0));
    assertThat(made.record()).contains(file("ceremonies/0001-init.json"));
    assertThat(verifiedByOpenSsl("0001-init")).contains("Verified OK");
    Files.writeString(
        file("ceremonies/0001-init.json"), " ", java.nio.file.StandardOpenOption.APPEND);
    assertThat(verifiedByOpenSsl("0001-init")).contains("Verification");
    assertThat(verifiedByOpenSsl("0001-init")).doesNotContain("Verified OK");
  }

  private String verifiedByOpenSsl(String ceremony) throws Exception {
    OpenSsl.run("x509", "-in", file("root.pem"), "-noout", "-pubkey", "-out", file("root.pub"));
    Path record = file("ceremonies/" + ceremony + ".json");
    return OpenSsl.run(
            "dgst", "-sha256", "-verify", file("root.pub"), "-signature", record + ".sig", record)
        .said();
  }

  @Test
  void recordTellsTokensKeysAndWhatWasSigned() throws Exception {
    init();
    CeremonyRecord told = History.read(ca).genuine().get(0);

    assertThat(told.keys()).extracting(CeremonyRecord.KeyNote::role).startsWith("root");
    assertThat(told.keys())
        .hasSize(3)
        .allSatisfy(
            key -> {
              assertThat(key.confined()).isTrue();
              assertThat(key.type()).isEqualTo("ec-p256");
              assertThat(key.token().serial()).isEqualTo(token.serial()).isNotEmpty();
              assertThat(key.token().manufacturer()).contains("SoftHSM");
            });
    assertThat(told.certificates())
        .extracting(CeremonyRecord.CertificateNote::certificate)
        .containsExactly(
            in("root.pem").get(0), in("issuing.pem").get(0), in("operations.pem").get(0));
    assertThat(told.previous()).isNull();
    assertThat(told.signature()).isEqualTo("SHA256withECDSA");
  }

  /** What nginx needs with {@code ssl_crl}, from the first ceremony on. */
  @Test
  void initSignsTheRootsListAndTheAuthoritiesNameIt() throws Exception {
    init();
    for (String role : List.of("issuing.pem", "operations.pem")) {
      assertThat(checked(file(role)).said()).contains(": OK");
      assertThat(OpenSsl.run("x509", "-in", file(role), "-noout", "-text").said())
          .contains("URI:http://pki.acme.example/crl/root.crl");
    }
    assertThat(Duration.between(list().thisUpdate(), list().nextUpdate())).isEqualTo(QUARTER);
    rollover(Identity.ISSUING);
    assertThat(OpenSsl.run("x509", "-in", file("issuing.pem"), "-noout", "-text").said())
        .contains("URI:http://pki.acme.example/crl/root.crl");
  }

  private RootList watching(Optional<Pkcs11Uri> root, Duration later) {
    Clock clock = Clock.offset(Clock.systemUTC(), later);
    return new RootList(at(clock), root, clock);
  }

  @Test
  void endOfTheRootsListIsToldFromTwoThirdsOfItsLifeOn() throws Exception {
    init();
    RootList early = watching(Optional.empty(), Duration.ofDays(59));
    assertThat(early.state().need()).isEqualTo(RootListState.Need.NONE);
    RootList late = watching(Optional.empty(), Duration.ofDays(61));
    assertThat(late.state().need()).isEqualTo(RootListState.Need.DUE);
    assertThat(late.state().endsAt()).isEqualTo(list().nextUpdate());
    assertThat(late.look()).as("the root is not at hand").isFalse();
    assertThat(watching(Optional.empty(), Duration.ofDays(91)).state().need())
        .isEqualTo(RootListState.Need.ENDED);
    assertThat(list().number()).isEqualTo(1);
  }

  @Test
  void rootsListIsSignedByItselfWhereTheRootIsAtHand() throws Exception {
    init();
    X509Certificate old = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    revoke(old);
    Optional<Pkcs11Uri> root = Optional.of(tokens.root());
    assertThat(watching(root, Duration.ofDays(59)).look()).isFalse();
    assertThat(watching(root, Duration.ofDays(61)).look()).isTrue();
    assertThat(list().number()).isEqualTo(3);
    assertThat(list().revoked()).as("an entry stays").hasSize(1);
    assertThat(list().nextUpdate()).isAfter(Instant.now().plus(Duration.ofDays(150)));
    assertThat(ceremonies.report().isGood()).isTrue();

    token.destroy(token.find(tokens.root().object().orElseThrow()).orElseThrow());
    assertThat(watching(root, Duration.ofDays(400)).look()).as("it was taken away").isFalse();
  }

  /** A home of an earlier version, whose ceremony signed none. */
  @Test
  void listThatWasNeverSignedIsMissing() throws Exception {
    init();
    SafeFiles.delete(file("root.crl"));
    assertThat(watching(Optional.empty(), Duration.ZERO).state().need())
        .isEqualTo(RootListState.Need.MISSING);
  }

  @Test
  void secondInitIsRefused() throws Exception {
    init();
    assertThat(refusal(this::init)).isEqualTo(Reason.CONFIGURATION_INVALID);
    assertThat(states()).containsExactly(CaReport.VERIFIED);
  }

  @ParameterizedTest
  @CsvSource({
    "issuing.pem",
    "operations.pem issuing.pem",
    "chain.pem operations.pem issuing.pem",
    "root.pem chain.pem operations.pem issuing.pem"
  })
  void initCutOffAfterItsRecordEndsWithWhatTheRecordHolds(String missing) throws Exception {
    init();
    byte[] root = Files.readAllBytes(file("root.pem"));
    byte[] issuing = Files.readAllBytes(file("issuing.pem"));
    for (String name : missing.split(" ", -1)) {
      SafeFiles.delete(file(name));
    }
    token.destroy(token.find(tokens.root().object().orElseThrow()).orElseThrow());

    assertThat(init().record()).as("nothing is signed again").isEmpty();
    assertThat(file("root.pem")).hasBinaryContent(root);
    assertThat(file("issuing.pem")).hasBinaryContent(issuing);
    assertThat(ceremonies.report().isGood()).isTrue();
  }

  @Test
  void serviceStartEndsAnInitThatWasCutOffWithoutTheRoot() throws Exception {
    init();
    SafeFiles.delete(file("issuing.pem"));
    token.destroy(token.find(tokens.root().object().orElseThrow()).orElseThrow());

    ceremonies.prepareFirstStart(tokens, "Acme");
    Authorities.open(token, ca);
    assertThat(token.find(tokens.root().object().orElseThrow())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void initCutOffBeforeItsRecordUsesTheKeysThatAreThere(boolean signatureWritten) throws Exception {
    byte[] rootKey = init().certificates().get(0).getPublicKey().getEncoded();
    for (String name :
        List.of("root.pem", "root.crl", "chain.pem", "operations.pem", "issuing.pem")) {
      SafeFiles.delete(file(name));
    }
    SafeFiles.delete(file("ceremonies/0001-init.json"));
    if (!signatureWritten) {
      SafeFiles.delete(file("ceremonies/0001-init.json.sig"));
    }

    assertThat(init().certificates().get(0).getPublicKey().getEncoded()).isEqualTo(rootKey);
    assertThat(ceremonies.report().isGood()).isTrue();
    Authorities.open(token, ca);
  }

  @Test
  void rolloverPutsTheNewAuthorityFirstAndKeepsItsPredecessor() throws Exception {
    init();
    X509Certificate old = in("issuing.pem").get(0);
    X509Certificate operations = in("operations.pem").get(0);

    X509Certificate fresh = rollover(Identity.ISSUING).certificates().get(0);

    assertThat(in("issuing.pem")).containsExactly(fresh, old);
    assertThat(in("operations.pem")).containsExactly(operations);
    assertThat(in("chain.pem")).containsExactly(fresh, old, operations, in("root.pem").get(0));
    assertThat(fresh.getSubjectX500Principal()).isEqualTo(old.getSubjectX500Principal());
    assertThat(fresh.getPublicKey()).isNotEqualTo(old.getPublicKey());
    assertThat(fresh.getNotAfter()).isBeforeOrEqualTo(in("root.pem").get(0).getNotAfter());
    Authorities open = Authorities.open(token, ca);
    assertThat(open.byRole(Identity.ISSUING).certificate()).isEqualTo(fresh);
    assertThat(open.trusted().byRole().get(Identity.ISSUING)).containsExactly(fresh, old);
    assertThat(states()).containsExactly(CaReport.VERIFIED, CaReport.VERIFIED);
    assertThat(verifiedByOpenSsl("0002-rollover")).contains("Verified OK");
  }

  @Test
  void authorityNeverOutlivesItsRoot() throws Exception {
    init();
    Clock late =
        Clock.fixed(
            in("root.pem").get(0).getNotAfter().toInstant().minus(Duration.ofDays(400)),
            ZoneOffset.UTC);
    X509Certificate fresh =
        at(late).rollover(tokens, Identity.ISSUING, Optional.empty()).certificates().get(0);
    assertThat(fresh.getNotAfter()).isEqualTo(in("root.pem").get(0).getNotAfter());
    assertThat(in("issuing.pem")).as("its predecessor has ended by then").containsExactly(fresh);
  }

  @Test
  void rolloverWithoutTheRootsKeyIsRefusedAndChangesNothing() throws Exception {
    init();
    byte[] before = Files.readAllBytes(file("issuing.pem"));
    token.destroy(token.find(tokens.root().object().orElseThrow()).orElseThrow());

    assertThat(refusal(() -> rollover(Identity.ISSUING))).isEqualTo(Reason.KEY_MISSING);
    assertThat(file("issuing.pem")).hasBinaryContent(before);
    assertThat(states()).containsExactly(CaReport.VERIFIED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"issuing.pem", "issuing.pem chain.pem"})
  void rolloverCutOffAfterItsRecordIsEndedNotRepeated(String stale) throws Exception {
    init();
    Map<String, byte[]> before = new java.util.HashMap<>();
    for (String name : stale.split(" ", -1)) {
      before.put(name, Files.readAllBytes(file(name)));
    }
    X509Certificate fresh = rollover(Identity.ISSUING).certificates().get(0);
    for (Map.Entry<String, byte[]> old : before.entrySet()) {
      SafeFiles.writePublic(file(old.getKey()), old.getValue());
    }
    assertThat(ceremonies.report().isGood()).as("it is told until then").isFalse();

    Outcome again = rollover(Identity.ISSUING);

    assertThat(again.record()).isEmpty();
    assertThat(in("issuing.pem")).hasSize(2).first().isEqualTo(fresh);
    assertThat(ceremonies.report().isGood()).isTrue();
  }

  @Test
  void rolloverCutOffBeforeItsRecordUsesTheKeyThatItMade() throws Exception {
    init();
    byte[] before = Files.readAllBytes(file("issuing.pem"));
    byte[] chain = Files.readAllBytes(file("chain.pem"));
    X509Certificate lost = rollover(Identity.ISSUING).certificates().get(0);
    SafeFiles.writePublic(file("issuing.pem"), before);
    SafeFiles.writePublic(file("chain.pem"), chain);
    SafeFiles.delete(file("ceremonies/0002-rollover.json"));
    assertThat(ceremonies.report().isGood()).as("the lone signature is told").isFalse();

    X509Certificate fresh = rollover(Identity.ISSUING).certificates().get(0);

    assertThat(fresh.getPublicKey()).isEqualTo(lost.getPublicKey());
    assertThat(fresh).isNotEqualTo(lost);
    assertThat(ceremonies.report().isGood()).isTrue();
  }

  @Test
  void signatureOfAnotherCeremonyThatWasCutOffIsRemovedWithTheNext() throws Exception {
    init();
    SafeFiles.writePublic(file("ceremonies/0002-crl.json.sig"), "half");
    assertThat(states())
        .containsExactly(
            CaReport.VERIFIED,
            "only its signature is there: it was cut off, or its record was removed");
    rollover(Identity.OPERATIONS);
    assertThat(states()).containsExactly(CaReport.VERIFIED, CaReport.VERIFIED);
  }

  @Test
  void listOfRevokedAuthoritiesReadsInOpenSslAndKeepsEarlierEntries() throws Exception {
    init();
    X509Certificate first = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    X509Certificate second = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    X509Certificate third = in("issuing.pem").get(0);
    Path revoked = Files.writeString(file("revoked"), Pem.certificate(first));

    revoke(first);
    assertThat(in("issuing.pem")).as("believed no more").containsExactly(third, second);
    revoke(second);
    revoke();

    String said =
        OpenSsl.run("crl", "-in", file("root.crl"), "-CAfile", file("root.pem"), "-noout", "-text")
            .said();
    assertThat(said)
        .contains("verify OK", "X509v3 CRL Number: \n                4", "CA Compromise")
        .contains("X509v3 Authority Key Identifier")
        .contains("Serial Number: " + Serial.of(first), "Serial Number: " + Serial.of(second));
    assertThat(in("issuing.pem")).containsExactly(third);
    assertThat(in("chain.pem")).doesNotContain(first, second);
    assertThat(checked(revoked).said()).contains("certificate revoked");
    assertThat(checked(file("issuing.pem")).exitCode()).isZero();
    assertThat(ceremonies.report().isGood()).isTrue();
  }

  private OpenSsl.Result checked(Path certificate) throws Exception {
    return OpenSsl.run(
        "verify",
        "-x509_strict",
        "-crl_check",
        "-CRLfile",
        file("root.crl"),
        "-CAfile",
        file("root.pem"),
        certificate);
  }

  @Test
  void authorityIsOnTheListWithItsFirstDate() throws Exception {
    init();
    X509Certificate old = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    revoke(old);
    Instant revoked = list().revoked().get(0).revoked();
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(30));
    at(later).crl(tokens.root(), new CrlOrder(Map.of(Serial.of(old), Optional.empty()), QUARTER));
    assertThat(list().revoked())
        .containsExactly(new CaReport.Revoked(Serial.of(old).toString(), revoked, "cACompromise"));
    assertThat(list().number()).isEqualTo(3);
    assertThat(Duration.between(list().thisUpdate(), list().nextUpdate())).isEqualTo(QUARTER);
  }

  private CaReport.Crl list() throws IOException {
    CaReport.Crl list = ceremonies.report().crl();
    assertThat(list).isNotNull();
    return java.util.Objects.requireNonNull(list);
  }

  @Test
  void authorityThatSignsNowAndStrangersAreNotRevoked() throws Exception {
    init();
    assertThat(refusal(() -> revoke(in("operations.pem").get(0))))
        .isEqualTo(Reason.CONFIGURATION_INVALID);
    assertThat(refusal(() -> revoke(in("root.pem").get(0)))).isEqualTo(Reason.CERTIFICATE_UNKNOWN);
    assertThat(list().number()).isEqualTo(1);
    assertThat(list().revoked()).isEmpty();
    assertThat(states()).containsExactly(CaReport.VERIFIED);
  }

  @Test
  void listCutOffAfterItsRecordIsPutInPlaceByTheServiceStart() throws Exception {
    init();
    X509Certificate old = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    byte[] before = Files.readAllBytes(file("issuing.pem"));
    revoke(old);
    byte[] list = Files.readAllBytes(file("root.crl"));
    SafeFiles.delete(file("root.crl"));
    SafeFiles.writePublic(file("issuing.pem"), before);
    assertThat(ceremonies.report().isGood()).isFalse();

    ceremonies.prepareFirstStart(tokens, "Acme");

    assertThat(file("root.crl")).hasBinaryContent(list);
    assertThat(in("issuing.pem")).doesNotContain(old);
  }

  @Test
  void alteredRecordIsTold() throws Exception {
    threeCeremonies();
    Path record = file("ceremonies/0002-rollover.json");
    SafeFiles.writePublic(record, Files.readString(record).replace("rollover", "rollovex"));
    assertThat(states().get(0)).isEqualTo(CaReport.VERIFIED);
    assertThat(states().get(1)).isEqualTo("altered, or not signed by this root");
    assertThat(states().get(2)).contains("does not follow the record before it");
    assertThat(ceremonies.report().problems()).isNotEmpty();
  }

  @Test
  void removedRecordIsToldWhereverItWas() throws Exception {
    threeCeremonies();
    for (String record : List.of("0001-init", "0002-rollover", "0003-crl")) {
      Path kept = file("kept");
      Path json = file("ceremonies/" + record + ".json");
      Path signature = file("ceremonies/" + record + ".json.sig");
      Files.move(json, kept);
      assertThat(ceremonies.report().isGood()).as("%s without its signature", record).isFalse();
      Files.move(signature, file("kept.sig"));
      assertThat(ceremonies.report().isGood()).as(record).isFalse();
      Files.move(kept, json);
      assertThat(states()).as(record).anyMatch(state -> state.startsWith("not signed"));
      Files.move(file("kept.sig"), signature);
      assertThat(ceremonies.report().isGood()).isTrue();
    }
  }

  @Test
  void recordsThatChangedPlacesAreTold() throws Exception {
    init();
    rollover(Identity.ISSUING);
    rollover(Identity.OPERATIONS);
    for (String suffix : List.of(".json", ".json.sig")) {
      Files.move(file("ceremonies/0002-rollover" + suffix), file("kept"));
      Files.move(
          file("ceremonies/0003-rollover" + suffix), file("ceremonies/0002-rollover" + suffix));
      Files.move(file("kept"), file("ceremonies/0003-rollover" + suffix));
    }
    assertThat(states())
        .containsExactly(
            CaReport.VERIFIED,
            "renamed: it is ceremony 3 rollover",
            "renamed: it is ceremony 2 rollover");
  }

  @Test
  void recordSignedByAnotherKeyIsTold() throws Exception {
    init();
    Path record = file("ceremonies/0001-init.json");
    var stranger =
        new io.guardbee.service.authority.Signer(
            "stranger",
            token.find("issuing-ca").orElseThrow().publicKey(),
            token.find("issuing-ca").orElseThrow().privateKey());
    SafeFiles.writePublic(
        StoredRecord.signatureFile(record), stranger.sign(Files.readAllBytes(record)));
    assertThat(states()).containsExactly("altered, or not signed by this root");
    assertThat(ceremonies.report().isGood()).isFalse();
  }

  @Test
  void authorityOfNoRecordIsTold() throws Exception {
    threeCeremonies();
    SafeFiles.deleteContents(file("ceremonies"));
    CaReport report = ceremonies.report();
    assertThat(report.isGood()).isFalse();
    assertThat(report.problems()).anyMatch(problem -> problem.contains("no verified record"));
    Authorities.open(token, ca);
    rollover(Identity.ISSUING);
    assertThat(in("issuing.pem")).hasSize(2);
  }

  @Test
  void lostRecordDoesNotStandInTheWayOfARevocation() throws Exception {
    threeCeremonies();
    SafeFiles.delete(file("ceremonies/0002-rollover.json"));
    rollover(Identity.ISSUING);
    X509Certificate old = in("issuing.pem").get(1);
    revoke(old);
    assertThat(in("issuing.pem")).doesNotContain(old);
    assertThat(list().revoked()).hasSize(2);
  }

  @Test
  void certificateThatTheRootDidNotSignIsNoAuthority() throws Exception {
    init();
    String root = Files.readString(file("root.pem"));
    for (String intruder :
        List.of(
            root,
            Pem.certificate(
                io.guardbee.testing.TestCa.root().authority("issuing").certificate()))) {
      String before = Files.readString(file("issuing.pem"));
      SafeFiles.writePublic(file("issuing.pem"), before + intruder);
      assertThat(refusal(() -> Authorities.open(token, ca)))
          .isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
      SafeFiles.writePublic(file("issuing.pem"), before);
    }
    Authorities.open(token, ca);
  }

  private void threeCeremonies() throws IOException {
    init();
    X509Certificate old = in("issuing.pem").get(0);
    rollover(Identity.ISSUING);
    revoke(old);
  }

  private RecordedAuthorities recorded() throws IOException {
    return RecordedAuthorities.read(ca, Authorities.open(token, ca));
  }

  @Test
  void rolesThatBrokersBelieveAreThoseOfTheRecords() throws Exception {
    init();
    X509Certificate revoked = in("operations.pem").get(0);
    rollover("issuing");
    rollover("operations");
    revoke(revoked);

    RecordedAuthorities told = recorded();
    assertThat(told.generation()).isEqualTo(4);
    assertThat(told.issuing()).isEqualTo(in("issuing.pem")).hasSize(2);
    AuthorityRecords verified = AuthorityRecords.verify(in("root.pem"), told.records(), told.crl());
    for (X509Certificate issuing : told.issuing()) {
      assertThat(verified.isAuthority(Identity.ISSUING, issuing)).isTrue();
      assertThat(verified.isAuthority(Identity.OPERATIONS, issuing)).isFalse();
    }
    X509Certificate operations = in("operations.pem").get(0);
    assertThat(verified.isAuthority(Identity.OPERATIONS, operations)).isTrue();
    assertThat(verified.isAuthority(Identity.ISSUING, operations)).isFalse();
    assertThat(verified.isAuthority(Identity.OPERATIONS, revoked)).isFalse();
    assertThat(verified.crlNumber()).isEqualTo(2);
  }

  @Test
  void authorityWhoseRecordIsLostIsNotToldAndARolloverMakesItGood() throws Exception {
    init();
    X509Certificate first = in("issuing.pem").get(0);
    rollover("issuing");
    Files.delete(file("ceremonies/0002-rollover.json"));
    assertThat(recorded().issuing()).containsExactly(first);

    rollover("issuing");
    assertThat(recorded().issuing()).contains(first, in("issuing.pem").get(0));
    Files.writeString(
        file("ceremonies/0001-init.json"), " ", java.nio.file.StandardOpenOption.APPEND);
    assertThat(recorded().issuing()).containsExactly(in("issuing.pem").get(0));
    SafeFiles.deleteContents(file("ceremonies"));
    assertThat(recorded().records()).isEmpty();
    assertThat(recorded().generation()).isZero();
  }
}
