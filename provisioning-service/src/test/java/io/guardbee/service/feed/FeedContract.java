package io.guardbee.service.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.service.Hand;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.backup.RollbackDetection;
import io.guardbee.service.config.Home;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.TrustNotice.Believed;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import io.guardbee.testing.TestCa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the feed asks of a database; H2 and PostgreSQL have to give the same answers. */
abstract class FeedContract {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String NONCE = "a".repeat(32);
  private static final Duration DAY = Duration.ofDays(1);

  final Clock clock = Clock.systemUTC();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AutoCloseable> streams = new ArrayList<>();

  @TempDir Path directory;
  private Database database;
  private EventLog log;
  private StatusFeed feed;

  /** A new database with that many connections. */
  abstract Database open(int connections) throws IOException;

  @BeforeEach
  void start() throws IOException {
    database = open(3);
    log = new EventLog(database, JSON, clock, TestSigner.signer());
    feed = new StatusFeed(log, new BrokerNodes(), new NeverPutBack(), JSON);
  }

  @AfterEach
  void stop() throws Exception {
    feed.close();
    for (AutoCloseable stream : streams) {
      stream.close();
    }
    threads.shutdownNow();
    database.close();
  }

  private BufferedReader follow(String known, long after) throws IOException {
    return follow(new StatusFeed.Position(known, after, ""));
  }

  private BufferedReader follow(StatusFeed.Position position) throws IOException {
    PipedInputStream in = new PipedInputStream(4096);
    PipedOutputStream out = new PipedOutputStream(in);
    threads.execute(
        () -> {
          try (out) {
            feed.serve("b", position, out);
          } catch (IOException | InterruptedException | RefusedException e) {
            // the stream ends
          }
        });
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    streams.add(lines);
    return lines;
  }

  private static JsonNode next(BufferedReader lines, String type) throws IOException {
    JsonNode line = JSON.readTree(lines.readLine());
    while (!line.path("type").asString().equals(type)) {
      line = JSON.readTree(lines.readLine());
    }
    return line;
  }

  /** Certificates of one issuer, each of a device of its own. */
  private void certificates(String issuer, String state, String name, int count, Instant end) {
    boolean suspended = state.equals("suspended");
    database.transact(
        tx -> {
          PreparedBatch devices =
              tx.prepareBatch(
                  "insert into device (id, profile, status, created_at, suspended_at)"
                      + " values (:id, 'sensor', 'active', :now, :suspended)");
          PreparedBatch certificates =
              tx.prepareBatch(
                  "insert into certificate (issuer, serial, device_id, subject, key_hash, state,"
                      + " not_before, not_after, reserved_at, revocation_reason) values (:issuer,"
                      + " :serial, :id, 'CN', 'k', :state, :now, :end, :now, :reason)");
          for (int i = 0; i < count; i++) {
            String id = name + "-" + i;
            devices
                .bind("id", id)
                .bind("now", Sql.utc(clock.instant()))
                .bindByType(
                    "suspended", suspended ? Sql.utc(clock.instant()) : null, OffsetDateTime.class)
                .add();
            certificates
                .bind("issuer", issuer)
                .bind("serial", serial(name, i))
                .bind("id", id)
                .bind("state", suspended ? "issued" : state)
                .bind("now", Sql.utc(clock.instant()))
                .bind("end", Sql.utc(end))
                .bind("reason", state.equals("revoked") ? "keyCompromise" : null)
                .add();
          }
          devices.execute();
          return certificates.execute().length;
        });
  }

  private static String serial(String name, int number) {
    return String.format("%08X%08X", name.hashCode(), number * 2_654_435_761L & 0xffffffffL);
  }

  private static Set<String> serials(String name, int count) {
    Set<String> all = new HashSet<>();
    IntStream.range(0, count).forEach(number -> all.add(serial(name, number)));
    return all;
  }

  private void append(int events) {
    for (int i = 0; i < events; i++) {
      feed.published(
          database.transact(
              tx ->
                  log.append(
                      tx,
                      event ->
                          new FeedMessage.Status(
                              event,
                              "d-1",
                              "revoked",
                              "unspecified",
                              List.of(
                                  new CertificateStatus(
                                      "issuing", "0A", "d-1", "revoked", Instant.EPOCH))))));
    }
  }

  /** What is written of a node that talks on and on: at most twice a minute. */
  @Test
  void contactIsWrittenAtTheFirstWordThenEveryHalfMinuteAndAtTheEnd() {
    Hand time = new Hand();
    NodeContacts contacts = new NodeContacts(database, time);
    contacts.opened("b");
    Instant first = Objects.requireNonNull(contacts.all().get("b"));
    for (int i = 0; i < 5; i++) {
      time.advance(Duration.ofSeconds(4));
      contacts.heard("b");
      assertThat(contacts.all()).containsEntry("b", first);
    }
    time.advance(Duration.ofSeconds(11));
    contacts.heard("b");
    Instant second = Objects.requireNonNull(contacts.all().get("b"));
    assertThat(second).isAfter(first.plusSeconds(30));
    time.advance(Duration.ofSeconds(9));
    contacts.heard("b");
    contacts.closed("b");
    assertThat(contacts.all().get("b")).isAfter(second.plusSeconds(8));

    time.advance(NodeContacts.NAMED.minusHours(1));
    assertThat(contacts.named()).containsOnlyKeys("b");
    time.advance(Duration.ofHours(2));
    assertThat(contacts.named()).isEmpty();
    contacts.tidy();
    assertThat(contacts.all()).containsOnlyKeys("b");
    time.advance(NodeContacts.KEPT.minus(NodeContacts.NAMED));
    contacts.tidy();
    assertThat(contacts.all()).isEmpty();
  }

  /** Two replicas hear of a new node at the same moment; the later word stays. */
  @Test
  void contactsOfTwoReplicasMeetInOneRow() throws Exception {
    NodeContacts one = new NodeContacts(database, clock);
    NodeContacts other = new NodeContacts(database, clock);
    for (int i = 0; i < 20; i++) {
      String node = "b-" + i;
      CompletableFuture<Void> first = CompletableFuture.runAsync(() -> one.opened(node), threads);
      CompletableFuture<Void> second =
          CompletableFuture.runAsync(() -> other.opened(node), threads);
      CompletableFuture.allOf(first, second).get();
    }
    assertThat(one.all()).hasSize(20);
    Hand slow = new Hand();
    slow.advance(Duration.ofHours(-1));
    Instant before = Objects.requireNonNull(one.all().get("b-1"));
    new NodeContacts(database, slow).opened("b-1");
    assertThat(one.all()).containsEntry("b-1", before);
  }

  @Test
  void wholeStatusComesInPagesWithEveryBlockedCertificateOnce() throws Exception {
    Instant later = clock.instant().plus(DAY);
    certificates("issuing", "revoked", "gone", 2500, later);
    certificates("operations", "revoked", "station", 1000, later);
    certificates("issuing", "suspended", "held", 1001, later);
    certificates("issuing", "issued", "good", 50, later);
    certificates("issuing", "revoked", "ended", 50, clock.instant().minus(DAY));
    append(3);
    BufferedReader lines = follow("", 0);
    Set<String> seen = new HashSet<>();
    int parts = 0;
    JsonNode part;
    do {
      part = JSON.readTree(lines.readLine());
      parts++;
      assertThat(part.path("type").asString()).isEqualTo("snapshot");
      assertThat(part.path("event").asLong()).isEqualTo(3);
      assertThat(part.path("certificates").size()).isBetween(1, 1000);
      for (JsonNode certificate : part.path("certificates")) {
        assertThat(seen.add(certificate.path("serial").asString())).isTrue();
        assertThat(certificate.path("status").asString())
            .isEqualTo(
                certificate.path("deviceId").asString().startsWith("held")
                    ? "suspended"
                    : "revoked");
      }
    } while (!part.path("last").asBoolean());
    Set<String> expected = serials("gone", 2500);
    expected.addAll(serials("station", 1000));
    expected.addAll(serials("held", 1001));
    assertThat(seen).isEqualTo(expected);
    assertThat(parts).isEqualTo(6);
  }

  @Test
  void brokersThatDoNotReadHoldNoConnection() throws Exception {
    certificates("issuing", "revoked", "gone", 3000, clock.instant().plus(DAY));
    List<BufferedReader> slow = new ArrayList<>();
    for (int i = 0; i < 6; i++) { // twice as many as there are connections
      slow.add(follow("", 0));
      assertThat(slow.get(i).read()).as("it has begun").isEqualTo('{');
    }
    append(1); // would wait for a connection
    for (BufferedReader broker : slow) {
      broker.readLine();
      assertThat(JSON.readTree(broker.readLine()).path("type").asString()).isEqualTo("snapshot");
      assertThat(next(broker, "status").path("event").asLong()).isEqualTo(1);
    }
  }

  @Test
  void oldEventsGoAndWhoIsFurtherBehindGetsTheWholeStatus() throws Exception {
    append(30);
    assertThat(log.prune(10)).isEqualTo(20);
    assertThat(log.prune(10)).isZero();
    BufferedReader near = follow(log.feed(), 20);
    List<Long> events = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      events.add(next(near, "status").path("event").asLong());
    }
    assertThat(events).containsExactlyElementsOf(LongStream.rangeClosed(21, 30).boxed().toList());
    for (long behind : new long[] {19, 0}) {
      JsonNode first = JSON.readTree(follow(log.feed(), behind).readLine());
      assertThat(first.path("type").asString()).isEqualTo("snapshot");
      assertThat(first.path("event").asLong()).isEqualTo(30);
    }
    JsonNode ahead = JSON.readTree(follow(log.feed(), 31).readLine());
    assertThat(ahead.path("type").asString()).as("of another life").isEqualTo("snapshot");
    append(1);
    assertThat(next(near, "status").path("event").asLong()).as("numbers go on").isEqualTo(31);
  }

  private static Believed believed(
      long generation, List<X509Certificate> roots, TestCa... issuing) {
    List<SignedRecord> records = List.of(new SignedRecord("{" + generation + "}", "AA=="));
    return new Believed(
        generation, roots, Stream.of(issuing).map(TestCa::certificate).toList(), records, "");
  }

  @Test
  void trustIsToldWhenItChangesAndAStaleHomeDoesNotTakeItBack() throws Exception {
    TestCa root = TestCa.root();
    TestCa first = root.authority("issuing");
    TestCa second = root.authority("issuing");
    var roots = List.of(root.certificate());
    Believed one = believed(1, roots, first);
    Believed both = believed(2, roots, second, first);
    Believed retired = believed(3, roots, second);
    TrustNotice notice = new TrustNotice(database, log, JSON);

    assertThat(notice.tell(one)).hasValue(1);
    assertThat(notice.tell(one)).as("nothing new").isEmpty();
    BufferedReader broker = follow("", 0);
    assertThat(next(broker, "trust").path("issuing").size()).isEqualTo(1);
    next(broker, "snapshot");
    feed.published(notice.tell(both).orElseThrow());
    JsonNode told = next(broker, "trust");
    assertThat(told.path("event").asLong()).isEqualTo(2);
    assertThat(told.path("issuing").size()).isEqualTo(2);
    assertThat(told.path("records").get(0).path("content").asString()).isEqualTo("{2}");
    assertThat(told.path("roots").get(0).asString()).startsWith("-----BEGIN CERTIFICATE-----");
    feed.published(notice.tell(retired).orElseThrow());
    assertThat(next(broker, "trust").path("issuing").size()).isEqualTo(1);
    assertThat(notice.tell(both)).as("a home that was not brought up to date").isEmpty();
    assertThat(notice.tell(one)).isEmpty();

    JsonNode newcomer = JSON.readTree(follow("", 0).readLine());
    assertThat(newcomer.path("type").asString()).isEqualTo("trust");
    assertThat(newcomer.path("event").asLong()).isZero();
    assertThat(newcomer.path("issuing").size()).isEqualTo(1);
    assertThat(newcomer.path("issuing").get(0)).isEqualTo(told.path("issuing").get(0));
  }

  @Test
  void eventOfAPolicyThatIsGoneKeepsItsNumber() throws Exception {
    append(1);
    feed.published(
        database.transact(
            tx -> log.append(tx, event -> new FeedMessage.Policy(event, 77, "foresee", "x"))));
    append(1);
    BufferedReader lines = follow(log.feed(), 0);
    next(lines, "status");
    JsonNode gone = JSON.readTree(lines.readLine());
    assertThat(gone.path("event").asLong()).isEqualTo(2);
    assertThat(gone.path("type").asString()).isEqualTo("void");
    assertThat(next(lines, "status").path("event").asLong()).isEqualTo(3);
  }

  private static FeedStatement statement(JsonNode line) {
    assertThat(line.path("type").asString()).isEqualTo("signed");
    FeedStatement statement =
        new FeedStatement(
            line.path("statement").asString(),
            line.path("signature").asString(),
            line.path("signer").asString());
    assertThat(statement.verifiedSigner()).isEqualTo(TestSigner.OPERATIONS.certificate());
    return statement;
  }

  private static String sum(String text) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  /** Reads up to the statement that all before it is held against. */
  private static FeedStatement.Head head(BufferedReader lines) throws Exception {
    StringBuilder before = new StringBuilder();
    String line = lines.readLine();
    while (!line.startsWith("{\"type\":\"signed\"")) {
      before.append(line).append('\n');
      line = lines.readLine();
    }
    FeedStatement.Head head = statement(JSON.readTree(line)).head().orElseThrow();
    assertThat(head.lines()).isEqualTo(sum(before.toString()));
    return head;
  }

  private FeedStatement.Event signedEvent(BufferedReader lines) throws Exception {
    FeedStatement.Event event = statement(next(lines, "signed")).event().orElseThrow();
    assertThat(event.line()).isEqualTo(sum(lines.readLine()));
    assertThat(event.feed()).isEqualTo(log.feed());
    return event;
  }

  private long reinstate() {
    long told =
        database.transact(
            tx ->
                log.append(
                    tx,
                    event -> new FeedMessage.Status(event, "d-1", "active", "none", List.of())));
    feed.published(told);
    return told;
  }

  @Test
  void headIsSignedForTheNodeItsNonceAndAllOfItsLines() throws Exception {
    certificates("issuing", "revoked", "gone", 2500, clock.instant().plus(DAY));
    new TrustNotice(database, log, JSON).tell(believed(1, List.of(), TestSigner.OPERATIONS));
    append(2);
    BufferedReader fresh = follow(new StatusFeed.Position("", 0, NONCE));
    assertThat(head(fresh))
        .usingRecursiveComparison()
        .ignoringFields("lines")
        .isEqualTo(new FeedStatement.Head("b", NONCE, log.feed(), 3, List.of(), ""));
    BufferedReader known = follow(new StatusFeed.Position(log.feed(), 1, NONCE.replace('a', 'b')));
    assertThat(head(known).nonce()).isEqualTo(NONCE.replace('a', 'b'));
    assertThat(next(known, "status").path("event").asLong()).isEqualTo(2);
    assertThat(JSON.readTree(known.readLine()).path("event").asLong())
        .as("a block needs no signature")
        .isEqualTo(3);
  }

  @Test
  void whatLiftsTellsOrTrustsIsSignedOnceForAllBrokers() throws Exception {
    append(1);
    List<BufferedReader> brokers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      brokers.add(follow(new StatusFeed.Position(log.feed(), 1, NONCE)));
      head(brokers.get(i));
    }
    reinstate();
    feed.published(
        new TrustNotice(database, log, JSON)
            .tell(believed(1, List.of(), TestSigner.OPERATIONS))
            .orElseThrow());
    Set<String> signatures = new HashSet<>();
    for (BufferedReader broker : brokers) {
      JsonNode signed = next(broker, "signed");
      signatures.add(signed.path("signature").asString());
      assertThat(statement(signed).event().orElseThrow().line()).isEqualTo(sum(broker.readLine()));
      assertThat(signedEvent(broker).event()).isEqualTo(3);
    }
    assertThat(signatures).hasSize(1);
  }

  @Test
  void feedThatBeganAnewSaysWhichItFollows() throws Exception {
    String first = log.feed();
    beginAnew();
    beginAnew();
    log = new EventLog(database, JSON, clock, TestSigner.signer());
    assertThat(log.feed()).isNotEqualTo(first);
    assertThat(log.name().follows()).hasSize(2).endsWith(first);
    feed.close();
    feed = new StatusFeed(log, new BrokerNodes(), new NeverPutBack(), JSON);
    FeedStatement.Head head = head(follow(new StatusFeed.Position(first, 7, NONCE)));
    assertThat(head.feed()).isEqualTo(log.feed());
    assertThat(head.follows()).isEqualTo(log.name().follows());
    for (int i = 0; i < 150; i++) {
      beginAnew();
    }
    assertThat(new EventLog(database, JSON, clock, TestSigner.signer()).name().follows())
        .hasSize(100);
  }

  /** A feed of one certificate and some events, which notices an older copy of the database. */
  private void detectRollbackAfter(int events) {
    certificates("issuing", "issued", "known", 1, clock.instant().plus(DAY));
    append(events);
    feed.close();
    RollbackDetection rollback = new RollbackDetection(database, new Home(directory), clock);
    feed = new StatusFeed(log, new BrokerNodes(), rollback, JSON);
  }

  /** All brokers ask for everything then, so a broker's word counts once an hour. */
  @Test
  void brokerThatIsAheadOfTheDatabaseBeginsAnotherHistory() throws Exception {
    Instant before = clock.instant();
    detectRollbackAfter(2);
    String first = log.feed();
    BufferedReader open = follow(new StatusFeed.Position(first, 2, NONCE));
    assertThat(head(open).feed()).isEqualTo(first);
    assertThat(follow(new StatusFeed.Position(first, 9, NONCE)).readLine()).isNull();
    while (open.readLine() != null) {} // heartbeats, until it is found to tell of the other
    BufferedReader again = follow(new StatusFeed.Position(first, 9, NONCE));
    JsonNode told = next(again, "restored");
    assertThat(Instant.parse(told.at("/windows/0/from").asString())).isBefore(before);
    FeedStatement.Head head = statement(next(again, "signed")).head().orElseThrow();
    assertThat(head.feed()).isNotEqualTo(first);
    assertThat(head.follows()).containsExactly(first);
    assertThat(head(follow(new StatusFeed.Position(head.feed(), 9, NONCE))).feed())
        .isEqualTo(head.feed());
  }

  /** As with {@code pg_restore} under running replicas. */
  @Test
  void databaseThatGoesBackUnderTheServiceBeginsAnotherHistory() throws Exception {
    Instant before = clock.instant();
    detectRollbackAfter(3);
    feed.look();
    String first = log.feed();
    BufferedReader open = follow(new StatusFeed.Position(first, 3, NONCE));
    assertThat(head(open).feed()).isEqualTo(first);
    loseEventsAfter(1);
    feed.look();
    assertThat(log.feed()).isNotEqualTo(first);
    while (open.readLine() != null) {} // it ends
    String second = log.feed();
    BufferedReader again = follow(new StatusFeed.Position(first, 3, NONCE));
    assertThat(Instant.parse(next(again, "restored").at("/windows/0/from").asString()))
        .isBefore(before);
    assertThat(next(again, "snapshot").path("event").asLong()).isEqualTo(1);
    feed.look();
    assertThat(log.feed()).as("it is noticed once").isEqualTo(second);
    append(1);
    assertThat(next(again, "status").path("event").asLong()).isEqualTo(2);
  }

  private void loseEventsAfter(long event) {
    database.transact(
        tx ->
            tx.execute("delete from feed_event where event > ?", event)
                + tx.execute("update feed_counter set last_event = ?", event));
  }

  @Test
  void acknowledgementOfAnEventThatThereIsNotCountsForNothing() {
    BrokerNodes nodes = new BrokerNodes();
    feed.close();
    feed = new StatusFeed(log, nodes, new NeverPutBack(), JSON);
    append(2);
    feed.acknowledge("b", new Ended(3, 0, 0, 0, false));
    assertThat(nodes.position("b")).isZero();
    feed.acknowledge("b", new Ended(2, 0, 0, 0, false));
    assertThat(nodes.position("b")).isEqualTo(2);
  }

  private void beginAnew() {
    database.transact(
        tx -> {
          EventLog.beginAnew(tx);
          return true;
        });
  }

  @Test
  void withoutTheModuleRevocationsGoOnNothingIsLiftedAndNoHeadIsSent() throws Exception {
    PrivateKey broken = TestCa.draft("CN=x").rsa(2048).signedBy(null).key();
    log =
        new EventLog(
            database,
            JSON,
            clock,
            new FeedSigner(
                new Authority("operations", TestSigner.OPERATIONS.certificate(), broken)));
    append(1);
    assertThatThrownBy(this::reinstate)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED));
    append(1);
    assertThat(log.lastEvent()).isEqualTo(2);
    feed.close();
    feed = new StatusFeed(log, new BrokerNodes(), new NeverPutBack(), JSON);
    BufferedReader known = follow(new StatusFeed.Position(log.feed(), 1, NONCE));
    assertThat(known.readLine()).isNull();
  }

  @Test
  void certificatesOfARestoreWindowAreReadByTheirBegin() {
    String plan =
        database.transact(
            tx -> {
              if (database.isShared()) {
                tx.execute("set local enable_seqscan = off"); // of a table that is empty here
              }
              return String.join(
                  "\n",
                  tx.createQuery("explain " + RestoreWindows.BEGINNING)
                      .bind("from", Sql.utc(clock.instant()))
                      .bind("until", Sql.utc(clock.instant()))
                      .bind("now", Sql.utc(clock.instant()))
                      .mapTo(String.class)
                      .list());
            });
    assertThat(plan).containsIgnoringCase("certificate_by_begin");
  }
}
