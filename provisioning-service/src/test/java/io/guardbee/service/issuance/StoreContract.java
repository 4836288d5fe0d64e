package io.guardbee.service.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.service.Csr;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.NeverPutBack;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.feed.TestSigner;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Grants.Wanted;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.Way;
import io.guardbee.service.request.CertificateRequest;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Replica;
import io.guardbee.service.store.Sql;
import io.guardbee.testing.TestCa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the features ask of a database; H2 and PostgreSQL have to give the same answers. */
abstract class StoreContract {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int THREADS = 8;

  final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();
  private final TestCa ca = TestCa.root().authority("issuing");
  private final Authority authority = new Authority("issuing", ca.certificate(), ca.key());
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @TempDir Path directory;
  Database database;
  private Profile sensor;
  private Grants grants;
  private Devices devices;

  /** Opens the same database each time. */
  abstract Database open() throws IOException;

  @BeforeEach
  void start() throws IOException {
    database = open();
    Profiles profiles = new Profiles(ConfigFile.load(new Home(directory)).profiles(), "");
    sensor = profiles.device("sensor");
    grants = new Grants(database, profiles, Duration.ofHours(1), random, clock);
    devices = new Devices(database, clock);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    database.close();
  }

  final CertificateLedger ledger(UUID replica) {
    return new CertificateLedger(database, replica, clock);
  }

  final ToBeSigned request(String device, KeyPair key, Entitlement right) {
    ApprovedRequest approved =
        ApprovedRequest.of(
            new Application(
                CertificateRequest.parse(Csr.of(key).der()), new DeviceId(device), sensor, right));
    return new ToBeSigned(
        approved,
        new Issuer(authority, new Publication("http://pki.acme.example")),
        Serial.random(random),
        clock);
  }

  final ToBeSigned request(String device) {
    return request(device, Csr.newKey(), new Entitlement.Operator("operator"));
  }

  final Entitlement token(String device) {
    DeviceId id = new DeviceId(device);
    String text =
        grants
            .grant(List.of(new Wanted(id, Optional.empty())), Actor.operator("tests"))
            .get(0)
            .token();
    return new Entitlement.Token(grants.check(id, text).id());
  }

  final Signed sign(Verdict verdict) {
    return new Signed(((Verdict.Go) verdict).reserved(), authority);
  }

  static Reason reason(Outcome outcome) {
    return ((Outcome.Refused) outcome).cause().reason();
  }

  private <T> List<T> together(int times, Supplier<T> work) {
    return IntStream.range(0, times)
        .mapToObj(number -> CompletableFuture.supplyAsync(work, threads))
        .toList()
        .stream()
        .map(CompletableFuture::join)
        .toList();
  }

  @Test
  void batchIsReservedAndCompletedWhole() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    List<ToBeSigned> batch =
        IntStream.range(0, 200).mapToObj(number -> request("d-" + (1000 + number))).toList();
    List<Signed> signed = ledger.reserve(batch).stream().map(this::sign).toList();
    assertThat(devices.find(new DeviceId("d-1000")).status()).isEqualTo("granted");
    assertThat(ledger.complete(signed)).hasOnlyElementsOfType(Outcome.Issued.class);
    List<Devices.Device> page = devices.list("d-1099", 50);
    assertThat(page).hasSize(50).allMatch(device -> device.status().equals("active"));
    assertThat(page.get(0).deviceId()).isEqualTo("d-1100");
    assertThat(page.get(0).certificates().get(0).serial())
        .isEqualTo(batch.get(100).serial().toString());
  }

  @Test
  void oneTokenGivesOneCertificateHoweverManyAsk() {
    Entitlement token = token("d-1");
    CertificateLedger ledger = ledger(UUID.randomUUID());
    List<Verdict> verdicts =
        together(
            4 * THREADS, () -> ledger.reserve(List.of(request("d-1", Csr.newKey(), token))).get(0));
    assertThat(verdicts).filteredOn(Verdict.Go.class::isInstance).hasSize(1);
    assertThat(verdicts)
        .filteredOn(Verdict.No.class::isInstance)
        .extracting(verdict -> ((Verdict.No) verdict).cause().reason())
        .containsOnly(Reason.TOKEN_USED);
  }

  @Test
  void newDeviceOfManyWritersIsOneDevice() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    List<Verdict> verdicts =
        together(2 * THREADS, () -> ledger.reserve(List.of(request("new-1"))).get(0));
    assertThat(verdicts).filteredOn(Verdict.Go.class::isInstance).hasSize(1);
    assertThat(devices.list("", 10)).hasSize(1);
  }

  @Test
  void sameRequestAgainGetsTheSameCertificate() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    Entitlement token = token("d-1");
    KeyPair key = Csr.newKey();
    Signed signed = sign(ledger.reserve(List.of(request("d-1", key, token))).get(0));
    ledger.complete(List.of(signed));
    Verdict again = ledger.reserve(List.of(request("d-1", key, token))).get(0);
    assertThat(((Verdict.Before) again).certificate()).isEqualTo(signed.certificate());
  }

  private Entitlement renewalOf(Signed signed) {
    return new Entitlement.PresentCertificate(
        Way.CURRENT, "issuing", Serial.of(signed.certificate()));
  }

  private Signed issued(CertificateLedger ledger, Entitlement right) {
    Signed signed = sign(ledger.reserve(List.of(request("d-1", Csr.newKey(), right))).get(0));
    assertThat(ledger.complete(List.of(signed)).get(0)).isInstanceOf(Outcome.Issued.class);
    return signed;
  }

  private static Reason reason(Verdict verdict) {
    return ((Verdict.No) verdict).cause().reason();
  }

  @Test
  void renewalWaitsForTheOneThatAnotherReplicaHasUnderWay() {
    CertificateLedger here = ledger(UUID.randomUUID());
    CertificateLedger there = ledger(UUID.randomUUID());
    Entitlement right = renewalOf(issued(here, token("d-1")));
    Signed first = sign(here.reserve(List.of(request("d-1", Csr.newKey(), right))).get(0));
    ToBeSigned second = request("d-1", Csr.newKey(), right);
    assertThat(reason(there.reserve(List.of(second)).get(0))).isEqualTo(Reason.REQUEST_UNDER_WAY);
    here.complete(List.of(first));
    assertThat(there.reserve(List.of(second)).get(0)).isInstanceOf(Verdict.Go.class);
  }

  @Test
  void successorThatComesIntoUseMeanwhileIsNotReplaced() {
    CertificateLedger here = ledger(UUID.randomUUID());
    CertificateLedger there = ledger(UUID.randomUUID());
    Entitlement right = renewalOf(issued(here, token("d-1")));
    Signed used = issued(here, right);
    Signed other = sign(there.reserve(List.of(request("d-1", Csr.newKey(), right))).get(0));
    Devices.Use use = new Devices.Use("issuing", Serial.of(used.certificate()).toString());
    assertThat(devices.used(List.of(use))).isEmpty();
    assertThat(reason(there.complete(List.of(other)).get(0))).isEqualTo(Reason.STORAGE_FAILED);
    assertThat(reason(there.reserve(List.of(request("d-1", Csr.newKey(), right))).get(0)))
        .isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
    devices.requireGood("issuing", Serial.of(used.certificate()));
  }

  private Verdict renewed(CertificateLedger ledger, Signed own) {
    return ledger.reserve(List.of(request("d-1", Csr.newKey(), renewalOf(own)))).get(0);
  }

  private void set(String assignment, Signed signed) {
    int rows =
        database.<Integer>transact(
            tx ->
                tx.execute(
                    "update certificate set " + assignment + " where serial = ?",
                    Serial.of(signed.certificate()).toString()));
    assertThat(rows).isOne();
  }

  /** After it was shown and found good, and before it is looked at with the device locked. */
  @Test
  void certificateThatIsRevokedMeanwhileRenewsNothing() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    Signed own = issued(ledger, token("d-1"));
    set("state = 'revoked', revocation_reason = 'keyCompromise'", own);
    assertThat(reason(renewed(ledger, own))).isEqualTo(Reason.CERTIFICATE_REVOKED);
  }

  @Test
  void predecessorWhoseSuccessorHasEndedRenewsNothing() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    Signed own = issued(ledger, token("d-1"));
    Signed successor = issued(ledger, token("d-1"));
    ToBeSigned renewal = request("d-1", Csr.newKey(), renewalOf(own));
    assertThat(ledger.foresee(renewal)).as("nobody has used the successor").isFalse();
    set("not_after = timestamp with time zone '2020-01-01 00:00:00+00'", successor);
    assertThat(reason(renewed(ledger, own))).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
  }

  @Test
  void certificateWhoseOverlapIsOverIsNoLongerGoodThoughNobodyHasEndedItYet() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    Signed own = issued(ledger, token("d-1"));
    Serial serial = Serial.of(own.certificate());
    devices.requireGood("issuing", serial);
    set("ends_at = timestamp with time zone '2020-01-01 00:00:00+00'", own);
    assertThatThrownBy(() -> devices.requireGood("issuing", serial))
        .hasMessageContaining("its successor was issued");
  }

  @Test
  void replacedSuccessorIsNeverInUse() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    Entitlement right = renewalOf(issued(ledger, token("d-1")));
    Signed replaced = issued(ledger, right);
    Signed kept = issued(ledger, right);
    Devices.Use use = new Devices.Use("issuing", Serial.of(replaced.certificate()).toString());
    assertThat(devices.used(List.of(use))).containsExactly(use);
    assertThatThrownBy(() -> devices.requireGood("issuing", Serial.of(replaced.certificate())))
        .hasMessageContaining("ended: its successor was issued");
    devices.requireGood("issuing", Serial.of(kept.certificate()));
  }

  @Test
  void whatFailsLeavesNothing() {
    assertThatThrownBy(
            () ->
                database.transact(
                    tx -> {
                      tx.execute("update feed_counter set last_event = 7");
                      tx.execute(
                          "insert into device (id, profile, status, created_at)"
                              + " values ('x', 'sensor', 'granted', ?)",
                          Sql.utc(clock.instant()));
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(devices.list("", 10)).isEmpty();
  }

  /** TRAPS 37: a reader that has seen an event has seen all before it. */
  @Test
  void feedShowsEventsInTheOrderOfCommitsWithoutGaps() throws Exception {
    EventLog log = new EventLog(database, JSON, clock, TestSigner.signer());
    int events = 25 * THREADS;
    try (StatusFeed feed = new StatusFeed(log, new BrokerNodes(), new NeverPutBack(), JSON);
        PipedInputStream in = new PipedInputStream(1 << 20);
        PipedOutputStream out = new PipedOutputStream(in)) {
      threads.execute(() -> serve(feed, out));
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      lines.readLine(); // the snapshot
      CompletableFuture<?>[] writers =
          IntStream.range(0, THREADS - 1)
              .mapToObj(
                  thread ->
                      CompletableFuture.runAsync(() -> write(log, feed, events / THREADS), threads))
              .toArray(CompletableFuture[]::new);
      int written = (THREADS - 1) * (events / THREADS);
      List<Long> seen = new ArrayList<>();
      while (seen.size() < written) {
        JsonNode line = JSON.readTree(lines.readLine());
        if (line.path("type").asString().equals("status")) {
          seen.add(line.path("event").asLong());
        }
      }
      CompletableFuture.allOf(writers).join();
      assertThat(seen)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, written).boxed().toList());
    }
  }

  private static void serve(StatusFeed feed, PipedOutputStream out) {
    try {
      feed.serve("b", new StatusFeed.Position("", 0, ""), out);
    } catch (IOException | InterruptedException e) {
      // the reader has seen enough
    }
  }

  private void write(EventLog log, StatusFeed feed, int events) {
    for (int i = 0; i < events; i++) {
      boolean slow = i % 3 == 0;
      feed.published(
          database.transact(
              tx -> {
                long event = log.append(tx, number -> status(number, List.of()));
                if (slow) {
                  tx.execute("select count(*) from feed_event, feed_event b");
                }
                return event;
              }));
    }
  }

  private static FeedMessage.Status status(long number, List<CertificateStatus> certificates) {
    return new FeedMessage.Status(number, "d-1", "revoked", "unspecified", certificates);
  }

  @Test
  void largeBodiesComeBackWhole() {
    EventLog log = new EventLog(database, JSON, clock, TestSigner.signer());
    List<CertificateStatus> many =
        IntStream.range(0, 5000)
            .mapToObj(
                number ->
                    new CertificateStatus(
                        "issuing", "SERIAL-" + number, "d-1", "revoked", Instant.EPOCH))
            .toList();
    database.transact(tx -> log.append(tx, number -> status(number, many)));
    int length =
        database.transact(
            tx -> tx.createQuery("select body from feed_event").mapTo(String.class).one().length());
    assertThat(length).isGreaterThan(400_000);
    byte[] der = new byte[100_000];
    random.nextBytes(der);
    CertificateLedger ledger = ledger(UUID.randomUUID());
    ledger.reserve(List.of(request("d-1")));
    byte[] read =
        database.transact(
            tx -> {
              tx.execute("update certificate set der = ?", der);
              return tx.createQuery("select der from certificate")
                  .map((row, context) -> row.getBytes("der"))
                  .one();
            });
    assertThat(read).isEqualTo(der);
  }

  @Test
  void timesMeanTheSameInEveryTimeZone() throws IOException {
    Instant time = Instant.parse("2026-03-29T01:30:00.123456Z"); // Europe changes its clocks
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
      try (Database there = other()) {
        there.transact(
            tx ->
                tx.execute(
                    "insert into device (id, profile, status, created_at)"
                        + " values ('z', 'sensor', 'granted', ?)",
                    Sql.utc(time)));
      }
      TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
      try (Database here = other()) {
        assertThat(
                here.<Instant>transact(
                    tx ->
                        tx.createQuery("select created_at from device where created_at <= :now")
                            .bind("now", Sql.utc(time))
                            .map((row, context) -> Sql.instant(row, "created_at"))
                            .one()))
            .isEqualTo(time);
      }
    } finally {
      TimeZone.setDefault(before);
      database = open();
    }
  }

  /** The same database once more, H2's file by itself. */
  private Database other() throws IOException {
    database.close();
    return open();
  }

  @Test
  void idsThatDifferInCaseAreTwoDevices() {
    CertificateLedger ledger = ledger(UUID.randomUUID());
    ledger.reserve(List.of(request("Pump-1"), request("pump-1"), request("PUMP:1")));
    assertThat(devices.list("", 10))
        .extracting(Devices.Device::deviceId)
        .containsExactly("PUMP:1", "Pump-1", "pump-1");
  }

  @Test
  void whatAProcessWithoutALeaseReservedIsGivenUpAndNeverCompleted() {
    UUID stopped = UUID.randomUUID();
    Entitlement token = token("d-1");
    Signed late =
        sign(ledger(stopped).reserve(List.of(request("d-1", Csr.newKey(), token))).get(0));
    try (Replica here = Replica.join(database)) {
      CertificateLedger ledger = ledger(here.id());
      assertThat(ledger.reconcile()).isEqualTo(1);
      Signed signed = sign(ledger.reserve(List.of(request("d-1", Csr.newKey(), token))).get(0));
      assertThat(ledger.complete(List.of(signed)).get(0)).isInstanceOf(Outcome.Issued.class);
    }
    Outcome woken = ledger(stopped).complete(List.of(late)).get(0);
    assertThat(reason(woken)).isEqualTo(Reason.STORAGE_FAILED);
    assertThat(devices.find(new DeviceId("d-1")).certificates()).hasSize(1);
  }

  @Test
  void whatIsPendingHereIsNotGivenUp() {
    try (Replica here = Replica.join(database)) {
      CertificateLedger ledger = ledger(here.id());
      Signed signed = sign(ledger.reserve(List.of(request("d-1"))).get(0));
      assertThat(ledger.reconcile()).isZero();
      assertThat(ledger.complete(List.of(signed)).get(0)).isInstanceOf(Outcome.Issued.class);
    }
  }
}
