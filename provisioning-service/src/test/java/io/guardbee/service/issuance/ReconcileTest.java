package io.guardbee.service.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.Csr;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.NeverPutBack;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.feed.TestSigner;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Grants.Wanted;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.request.CertificateRequest;
import io.guardbee.service.revocation.Announcer;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.revocation.Revocations;
import io.guardbee.service.revocation.Suspensions;
import io.guardbee.service.store.Database;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a crash, or a revocation, between two steps of an issuance leaves behind. */
class ReconcileTest {

  private static final DeviceId DEVICE = new DeviceId("d-1");

  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();
  private final TestCa ca = TestCa.root().authority("issuing");
  private final Authority authority = new Authority("issuing", ca.certificate(), ca.key());
  private final Issuer issuer = new Issuer(authority, new Publication("http://pki.acme.example"));

  @TempDir private Path directory;
  private Database database;
  private Profile sensor;
  private Grants grants;
  private CertificateLedger ledger;

  @BeforeEach
  void open() throws IOException {
    database = openDatabase(directory);
    Profiles profiles = new Profiles(ConfigFile.load(new Home(directory)).profiles(), "");
    sensor = profiles.device("sensor");
    grants = new Grants(database, profiles, Duration.ofHours(1), random, clock);
    ledger = new CertificateLedger(database, UUID.randomUUID(), clock);
  }

  Database openDatabase(Path home) throws IOException {
    return Database.embedded(home);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private String grant() {
    return grants
        .grant(List.of(new Wanted(DEVICE, Optional.empty())), Actor.operator("tests"))
        .get(0)
        .token();
  }

  private Reserved reserve(String token) {
    ApprovedRequest approved =
        ApprovedRequest.of(
            new Application(
                CertificateRequest.parse(Csr.of(Csr.newKey()).der()),
                DEVICE,
                sensor,
                new Entitlement.Token(grants.check(DEVICE, token).id())));
    ToBeSigned request = new ToBeSigned(approved, issuer, Serial.random(random), clock);
    if (ledger.reserve(List.of(request)).get(0) instanceof Verdict.Go go) {
      return go.reserved();
    }
    throw new AssertionError("nothing stands against it");
  }

  /** What stands against a certificate for another key. */
  private Reason refusal(String token) {
    ToBeSigned request =
        new ToBeSigned(
            ApprovedRequest.of(
                new Application(
                    CertificateRequest.parse(Csr.of(Csr.newKey()).der()),
                    DEVICE,
                    sensor,
                    new Entitlement.Token(grants.check(DEVICE, token).id()))),
            issuer,
            Serial.random(random),
            clock);
    return ((Verdict.No) ledger.reserve(List.of(request)).get(0)).cause().reason();
  }

  @Test
  void crashBeforeCompletionGivesTheTokenBack() {
    String token = grant();
    reserve(token);
    assertThat(refusal(token)).isEqualTo(Reason.TOKEN_USED);

    CertificateLedger next = new CertificateLedger(database, UUID.randomUUID(), clock);
    assertThat(next.reconcile()).isEqualTo(1);

    ledger.complete(List.of(new Signed(reserve(token), authority)));
    assertThat(next.reconcile()).as("nothing is pending any more").isZero();
  }

  @Test
  void completedCertificateIsNotTakenBack() {
    String token = grant();
    ledger.complete(List.of(new Signed(reserve(token), authority)));
    assertThat(new CertificateLedger(database, UUID.randomUUID(), clock).reconcile()).isZero();
    assertThat(refusal(token)).isEqualTo(Reason.TOKEN_USED);
  }

  @Test
  void failedSignatureGivesTheTokenBackAtOnce() {
    String token = grant();
    ledger.abandon(List.of(reserve(token)));
    ledger.complete(List.of(new Signed(reserve(token), authority)));
  }

  @Test
  void moduleThatSignsWronglyIssuesNothing() {
    Authority faulty =
        new Authority("issuing", ca.certificate(), TestCa.root().authority("other").key());
    Reserved reserved = reserve(grant());
    assertThatThrownBy(() -> new Signed(reserved, faulty))
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.MODULE_FAILED);
  }

  @Test
  void revocationWinsOverAnIssuanceUnderWay() throws InterruptedException {
    Signed signed = new Signed(reserve(grant()), authority);
    EventLog log = new EventLog(database, JsonMapper.builder().build(), clock, TestSigner.signer());
    BrokerNodes nodes = new BrokerNodes();
    StatusFeed feed = new StatusFeed(log, nodes, new NeverPutBack(), JsonMapper.builder().build());
    var receipt =
        new Revocations(database, log, announcer(feed, nodes), clock)
            .revoke(DEVICE, RevocationReason.KEY_COMPROMISE, Actor.operator("tests"));
    assertThat(receipt.serials()).containsExactly(Serial.of(signed.certificate()).toString());
    Outcome outcome = ledger.complete(List.of(signed)).get(0);
    assertThat(((Outcome.Refused) outcome).cause().reason()).isEqualTo(Reason.DEVICE_REVOKED);
  }

  @Test
  void suspensionWinsOverAnIssuanceUnderWayAndTheTokenIsGoodAfterIt() throws InterruptedException {
    EventLog log = new EventLog(database, JsonMapper.builder().build(), clock, TestSigner.signer());
    BrokerNodes nodes = new BrokerNodes();
    StatusFeed feed = new StatusFeed(log, nodes, new NeverPutBack(), JsonMapper.builder().build());
    Suspensions suspensions = new Suspensions(database, log, announcer(feed, nodes), clock);
    String token = grant();
    Signed first = new Signed(reserve(token), authority);
    assertThat(suspensions.suspend(DEVICE, "", Actor.operator("tests")).serials()).isEmpty();
    Outcome held = ledger.complete(List.of(first)).get(0);
    assertThat(((Outcome.Refused) held).cause().reason()).isEqualTo(Reason.DEVICE_SUSPENDED);
    assertThat(refusal(token)).isEqualTo(Reason.DEVICE_SUSPENDED);
    suspensions.reinstate(DEVICE, Actor.operator("tests"));
    Outcome late = ledger.complete(List.of(first)).get(0);
    assertThat(((Outcome.Refused) late).cause().reason()).isEqualTo(Reason.STORAGE_FAILED);
    Signed second = new Signed(reserve(token), authority);
    assertThat(ledger.complete(List.of(second)).get(0)).isInstanceOf(Outcome.Issued.class);
  }

  @Test
  void alarmSuspendsOnceHoweverOftenItComes() {
    EventLog log = new EventLog(database, JsonMapper.builder().build(), clock, TestSigner.signer());
    BrokerNodes nodes = new BrokerNodes();
    StatusFeed feed = new StatusFeed(log, nodes, new NeverPutBack(), JsonMapper.builder().build());
    Suspensions suspensions = new Suspensions(database, log, announcer(feed, nodes), clock);
    ledger.complete(List.of(new Signed(reserve(grant()), authority)));
    long before = log.lastEvent();
    String why = "clone suspected ".repeat(30);
    assertThat(suspensions.suspendAtOnce(DEVICE, why, Actor.SERVICE)).isTrue();
    assertThat(suspensions.suspendAtOnce(DEVICE, why, Actor.SERVICE)).isFalse();
    assertThat(log.lastEvent()).isEqualTo(before + 1);
  }

  /** Nothing is published here. */
  private static Announcer announcer(StatusFeed feed, BrokerNodes nodes) {
    return new Announcer(feed, nodes, (event, patience) -> true, Duration.ofSeconds(1));
  }
}
