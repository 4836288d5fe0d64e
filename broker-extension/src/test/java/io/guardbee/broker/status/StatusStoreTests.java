package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status on disk: whole, or not there. */
class StatusStoreTests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final int ROOM = 1 << 20;

  @TempDir Path folder = Path.of("");
  private final Deque<Runnable> background = new ArrayDeque<>();
  private final List<Node> running = new ArrayList<>();

  private static BlockedCertificate blocked(int number) {
    return new BlockedCertificate(
        new CertificateKey("issuing", new Serial(BigInteger.valueOf(1000L + number))),
        "d-" + number,
        "revoked",
        NOW.plus(90, ChronoUnit.DAYS));
  }

  /** A node that follows a feed and keeps what it hears. */
  private final class Node {

    private final StatusIndex index = new StatusIndex(new SecureRandom(), RestoreState.in(folder));
    private final StatusStore store;
    private long policy;

    Node(Executor executor, long room) {
      store = new StatusStore(folder, executor, new SecureRandom(), room);
      store.load(index);
    }

    void whole(String feed, long event, int count) throws IOException {
      StatusRefill refill = index.refill();
      for (int i = 0; i < count; i++) {
        refill.add(blocked(i));
      }
      refill.commit(feed, event);
      save(List.of());
    }

    void revoke(int... numbers) throws IOException {
      change("revoked", numbers);
    }

    void change(String status, int... numbers) throws IOException {
      List<BlockedCertificate> some = Arrays.stream(numbers).mapToObj(n -> blocked(n)).toList();
      save(index.apply(new FeedLine.Status(index.event() + 1, "d", status, some)));
    }

    void save(List<Change> changes) throws IOException {
      index.heard(NOW.plusSeconds(index.event()));
      store.save(
          new StatusStore.Batch(index.state(), changes, index.event(), index.contact(), told()));
    }

    private AcknowledgedEnd.Told told() {
      return new AcknowledgedEnd.Told(policy, index.restore().fingerprint());
    }

    boolean has(int number) {
      return index.block(blocked(number).key()).isPresent();
    }
  }

  /** Another start of the node; what ran before has ended. */
  private Node node() throws IOException {
    return node(background::add, ROOM);
  }

  private Node node(Executor executor, long room) throws IOException {
    stop();
    Node fresh = new Node(executor, room);
    running.add(fresh);
    return fresh;
  }

  @AfterEach
  void stop() throws IOException {
    for (Node one : running) {
      one.store.close();
    }
    running.clear();
  }

  /** Whole status of five, then three events of one, two and no certificates. */
  private void written() throws IOException {
    Node node = node();
    node.whole("feed-1", 40, 5);
    node.revoke(10);
    node.revoke(11, 12);
    node.change("active", 11);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Map<Path, byte[]> files() throws IOException {
    Map<Path, byte[]> all = new HashMap<>();
    try (var list = Files.list(folder)) {
      for (Path one : list.toList()) {
        all.put(one, Files.readAllBytes(one));
      }
    }
    return all;
  }

  private void put(Map<Path, byte[]> files) throws IOException {
    for (Path now : files().keySet()) {
      if (!files.containsKey(now)) {
        Files.delete(now);
      }
    }
    for (Map.Entry<Path, byte[]> one : files.entrySet()) {
      Files.write(one.getKey(), one.getValue());
    }
  }

  @Test
  void whatWasSavedIsThereAgain() throws IOException {
    written();
    Node again = node();
    assertThat(again.index.isKnown()).isTrue();
    assertThat(again.index.event()).isEqualTo(43);
    assertThat(again.index.feed()).isEqualTo("feed-1");
    assertThat(again.index.contact()).isEqualTo(NOW.plusSeconds(43));
    assertThat(again.index.size()).isEqualTo(7);
    assertThat(again.has(4)).isTrue();
    assertThat(again.has(10)).isTrue();
    assertThat(again.has(11)).as("lifted").isFalse();
    assertThat(again.has(12)).isTrue();
    again.revoke(20);
    assertThat(node().has(20)).as("goes on after a restart").isTrue();
  }

  @Test
  void eventCostsASmallWrite() throws IOException {
    Node node = node();
    node.whole("feed-1", 1, 10_000);
    byte[] base = Files.readAllBytes(file("status.base"));
    long before = Files.size(file("status.journal.1"));
    node.revoke(20_000);
    assertThat(Files.size(file("status.journal.1")) - before).isLessThan(100);
    assertThat(Files.readAllBytes(file("status.base"))).isEqualTo(base);
  }

  @Test
  void nobodyElseReadsTheKeyOfTheHashes() throws IOException {
    written();
    for (Path one : files().keySet()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
          .isEqualTo("rw-------");
    }
  }

  /** What is on the disk after each of {@link #written}'s four writes. */
  private List<Map<Path, byte[]>> steps() throws IOException {
    List<Map<Path, byte[]>> steps = new ArrayList<>();
    Node node = node();
    node.whole("feed-1", 40, 5);
    steps.add(files());
    node.revoke(10);
    steps.add(files());
    node.revoke(11, 12);
    steps.add(files());
    node.change("active", 11);
    steps.add(files());
    return steps;
  }

  /**
   * A journal cut off at any octet, with the record of each of the events: what is missing was
   * either never acknowledged, as after a power cut, and each event is there whole or not at all;
   * or it was, and the status counts as none.
   */
  @Test
  void journalWithoutItsEndIsOnlyUsedWhereTheEndWasNotAcknowledged() throws IOException {
    List<Map<Path, byte[]>> steps = steps();
    byte[] journal = Files.readAllBytes(file("status.journal.1"));
    int head = 48;
    for (int step = 0; step < steps.size(); step++) {
      int acknowledged = octets(steps.get(step), "status.journal.1").length;
      for (int length = head; length <= journal.length; length += step == 0 ? 1 : 3) {
        put(steps.get(step));
        Files.write(file("status.journal.1"), Arrays.copyOf(journal, length));
        Node again = node();
        assertThat(again.index.isKnown())
            .as("%d octets, acknowledged to %d", length, acknowledged)
            .isEqualTo(length >= acknowledged);
        if (again.index.isKnown()) {
          checkHolds(again, step);
          if (length % 9 == 0) { // goes on from there
            again.revoke(30);
            assertThat(node().has(30)).as("after %d octets", length).isTrue();
          }
        }
      }
    }
  }

  private byte[] octets(Map<Path, byte[]> files, String name) {
    return Objects.requireNonNull(files.get(file(name)));
  }

  private static void checkHolds(Node node, int steps) {
    long event = node.index.event();
    assertThat(event).isBetween(40L + steps, 43L);
    assertThat(node.has(10)).isEqualTo(event >= 41);
    assertThat(node.has(12)).isEqualTo(event >= 42);
    assertThat(node.has(11)).isEqualTo(event == 42);
  }

  /** What some file systems leave of a write that a power cut stopped. */
  @Test
  void journalThatEndsInZerosIsTorn() throws IOException {
    List<Map<Path, byte[]>> steps = steps();
    byte[] journal = Files.readAllBytes(file("status.journal.1"));
    Files.write(file("status.journal.1"), Arrays.copyOf(journal, journal.length + 4096));
    assertThat(node().index.event()).isEqualTo(43);
    byte[] zeros = journal.clone();
    Arrays.fill(zeros, journal.length - 50, journal.length, (byte) 0);
    put(steps.get(2));
    Files.write(file("status.journal.1"), zeros);
    assertThat(node().index.event()).isEqualTo(42);
    put(steps.get(3));
    Files.write(file("status.journal.1"), zeros);
    assertThat(node().index.isKnown()).as("event 43 had been acknowledged").isFalse();
  }

  /** A power cut while the record was written: the one before it holds, and nothing is lost. */
  @Test
  void recordThatIsTornOrAlteredAnywhereLocksNobodyOut() throws IOException {
    List<Map<Path, byte[]>> steps = steps();
    byte[] before = octets(steps.get(2), "status.acknowledged");
    byte[] after = octets(steps.get(3), "status.acknowledged");
    for (int length = 0; length <= after.length; length += length % 4096 < 100 ? 1 : 500) {
      byte[] torn = before.clone();
      System.arraycopy(after, 0, torn, 0, length);
      byte[] altered = after.clone();
      altered[Math.min(length, after.length - 1)] ^= 1;
      for (byte[] record : List.of(torn, altered)) {
        put(steps.get(3));
        Files.write(file("status.acknowledged"), record);
        Node again = node();
        assertThat(again.index.event()).as("at octet %d", length).isEqualTo(43);
        again.revoke(30);
        assertThat(node().has(30)).as("goes on after octet %d", length).isTrue();
      }
    }
  }

  @Test
  void policyThatHadBeenToldIsKnownWhateverElseIsLost() throws IOException {
    Node node = node();
    assertThat(node.store.acknowledgedPolicy()).isZero();
    node.whole("feed-1", 40, 5);
    node.policy = 7;
    node.revoke(10);
    assertThat(node().store.acknowledgedPolicy()).isEqualTo(7);
    Files.delete(file("status.base"));
    assertThat(node().store.acknowledgedPolicy()).isEqualTo(7);
  }

  private static FeedLine.Restored restored(Instant until) {
    return new FeedLine.Restored(0, List.of(new RestoreWindows.Window(NOW, until)), List.of());
  }

  @Test
  void restoreWindowsThatHadBeenToldAreMissed() throws IOException {
    Node node = node();
    node.whole("feed-1", 40, 5);
    node.index.restore().replace(List.of(restored(NOW.plusSeconds(1))));
    node.save(List.of());
    String older = Files.readString(file("restore.json"));
    node.index.restore().replace(List.of(restored(NOW.plusSeconds(2))));
    node.save(List.of());
    assertThat(node().index.restore().current().windows())
        .containsExactlyElementsOf(restored(NOW.plusSeconds(2)).windows());
    Files.writeString(file("restore.json"), older);
    assertThat(node().index.restore().current()).as("older").isSameAs(RestoreWindows.LOST);
    Files.delete(file("restore.json"));
    Node without = node();
    assertThat(without.index.restore().current()).as("missing").isSameAs(RestoreWindows.LOST);
    without.save(List.of());
    assertThat(node().index.restore().current()).as("not told").isSameAs(RestoreWindows.LOST);
    node().index.restore().replace(List.of(restored(NOW.plusSeconds(2))));
    assertThat(node().index.restore().current().windows()).as("told again").hasSize(1);
  }

  /** Each file alone deleted, emptied, or put back as it was after an earlier event. */
  @Test
  void fileThatIsMissingOrOlderThanTheOthersIsNoticed() throws IOException {
    List<Map<Path, byte[]>> steps = steps();
    Map<Path, byte[]> whole = steps.get(3);
    for (Path one : whole.keySet()) {
      Map<Path, byte[]> without = new HashMap<>(whole);
      without.remove(one);
      put(without);
      assertThat(node().index.isKnown()).as("%s missing", one).isFalse();
      without.put(one, new byte[0]);
      put(without);
      assertThat(node().index.isKnown()).as("%s empty", one).isFalse();
    }
    for (Map<Path, byte[]> earlier : steps.subList(0, 3)) {
      Map<Path, byte[]> restored = new HashMap<>(earlier);
      restored.put(file("status.acknowledged"), whole.get(file("status.acknowledged")));
      put(restored);
      assertThat(node().index.isKnown()).as("base and journal are older").isFalse();
    }
    put(Map.of(file("status.acknowledged"), whole.get(file("status.acknowledged"))));
    assertThat(node().index.isKnown()).as("the record alone").isFalse();
    Files.writeString(file("status.ndjson"), legacy());
    assertThat(node().index.isKnown()).as("with a status of an earlier version").isFalse();
  }

  /** What is found is in the log; the next whole status makes it good, at any moment of it. */
  @Test
  void lostEndIsMadeGoodByAWholeStatus() throws IOException {
    List<Map<Path, byte[]>> steps = steps();
    Map<Path, byte[]> lost = new HashMap<>(steps.get(1));
    lost.put(file("status.acknowledged"), steps.get(3).get(file("status.acknowledged")));
    put(lost);
    Node node = node();
    assertThat(node.index.isKnown()).isFalse();
    node.whole("feed-1", 43, 6);
    Map<Path, byte[]> good = files();
    assertThat(node().index.event()).isEqualTo(43);
    node().revoke(20);
    assertThat(node().has(20)).isTrue();
    Map<Path, byte[]> between = new HashMap<>(lost);
    between.put(file("status.base"), good.get(file("status.base")));
    between.put(file("status.journal.2"), good.get(file("status.journal.2")));
    put(between); // the record not yet written, the older journal not yet deleted
    assertThat(node().index.event()).isEqualTo(43);
  }

  @Test
  void recordThatIsDeletedMeanwhileIsMadeAgain() throws IOException {
    Node node = node();
    node.whole("feed-1", 40, 5);
    node.revoke(10);
    Files.delete(file("status.acknowledged"));
    node.revoke(11);
    assertThat(node().index.event()).isEqualTo(42);
    put(Map.of());
    node = node();
    node.whole("feed-1", 40, 5);
    Files.delete(file("status.acknowledged"));
    node.whole("feed-1", 50, 5);
    assertThat(node().index.event()).isEqualTo(50);
  }

  @Test
  void damagedRecordIsNotReplacedBeforeTheStatusIs() throws IOException {
    written();
    Map<Path, byte[]> lost = files();
    lost.put(file("status.acknowledged"), new byte[8192]);
    put(lost);
    Node node = node();
    assertThat(node.index.isKnown()).isFalse();
    Files.delete(file("status.base"));
    Files.createDirectories(file("status.base").resolve("x")); // as a disk that takes no base
    assertThatThrownBy(() -> node.whole("feed-1", 43, 6)).isInstanceOf(IOException.class);
    assertThat(file("status.acknowledged")).hasBinaryContent(new byte[8192]);
  }

  /** It has no record: it is read once, and what is saved first makes one. */
  @Test
  void statusWithoutARecordOfTheVersionBeforeIsReadAndReplaced() throws IOException {
    written();
    Files.delete(file("status.acknowledged"));
    BaseFile base = BaseFile.read(file("status.base"));
    new BaseFile(base.state(), base.event(), base.contact(), base.journal(), base.begin(), false)
        .write(file("status.base"));
    Map<Path, byte[]> old = files();
    assertThat(node().index.event()).isEqualTo(43);
    Node node = node();
    assertThat(node.has(12)).isTrue();
    node.revoke(20);
    assertThat(files()).containsKey(file("status.acknowledged")).hasSize(3);
    assertThat(node().has(20)).isTrue();
    assertThat(node().has(12)).isTrue();
    Map<Path, byte[]> fresh = files();
    old.put(file("status.acknowledged"), fresh.get(file("status.acknowledged")));
    put(old);
    assertThat(node().index.isKnown()).as("the old status again, with the record").isFalse();
    Files.delete(file("status.acknowledged"));
    put(fresh);
    Files.delete(file("status.acknowledged"));
    assertThat(node().index.isKnown()).as("the record is missing").isFalse();
  }

  @Test
  void fileThatIsAlteredAnywhereCountsAsNone() throws IOException {
    written();
    Map<Path, byte[]> whole = files();
    assertThat(whole).hasSize(3);
    for (Path path : List.of(file("status.base"), file("status.journal.1"))) {
      byte[] octets = Files.readAllBytes(path);
      for (int at = 0; at < octets.length; at++) {
        byte[] altered = octets.clone();
        altered[at] ^= (byte) (1 << (at % 8));
        Files.write(path, altered);
        assertThat(node().index.isKnown()).as("%s altered at octet %d", path, at).isFalse();
      }
      put(whole);
      assertThat(node().index.isKnown()).isTrue();
    }
  }

  @Test
  void baseThatIsTornAnywhereCountsAsNone() throws IOException {
    written();
    byte[] whole = Files.readAllBytes(file("status.base"));
    for (int length = 0; length < whole.length; length++) {
      Files.write(file("status.base"), Arrays.copyOf(whole, length));
      assertThat(node().index.isKnown()).as("torn after %d octets", length).isFalse();
    }
  }

  @Test
  void eventLeftOutOfTheMiddleCountsAsNone() throws IOException {
    Node node = node();
    node.whole("feed-1", 40, 5);
    long begin = Files.size(file("status.journal.1"));
    node.revoke(10);
    long end = Files.size(file("status.journal.1"));
    node.revoke(11);
    byte[] journal = Files.readAllBytes(file("status.journal.1"));
    byte[] without = new byte[journal.length - (int) (end - begin)];
    System.arraycopy(journal, 0, without, 0, (int) begin);
    System.arraycopy(journal, (int) end, without, (int) begin, journal.length - (int) end);
    Files.write(file("status.journal.1"), without);
    assertThat(node().index.isKnown()).isFalse();
  }

  @Test
  void missingJournalCountsAsNone() throws IOException {
    written();
    Files.delete(file("status.journal.1"));
    assertThat(node().index.isKnown()).isFalse();
  }

  @Test
  void journalOfAnotherBaseCountsAsNone() throws IOException {
    written();
    byte[] other = Files.readAllBytes(file("status.journal.1"));
    put(Map.of());
    written();
    Files.write(file("status.journal.1"), other);
    assertThat(node().index.isKnown()).isFalse();
  }

  @Test
  void damagedStatusIsReplacedByTheNextWholeOne() throws IOException {
    written();
    Files.write(file("status.base"), new byte[100]);
    Node node = node();
    assertThat(node.index.isKnown()).isFalse();
    node.whole("feed-1", 50, 3);
    assertThat(node().index.event()).isEqualTo(50);
    assertThat(files()).hasSize(3);
  }

  /** Every moment of a compaction, as a power cut would leave it. */
  @Test
  void compactionLosesNothingAtAnyMoment() throws IOException {
    Node node = node(background::add, 300);
    node.whole("feed-1", 1, 3);
    int number = 100;
    while (background.isEmpty()) {
      node.revoke(number++);
    }
    int before = number;
    assertThat(events(files(), number, 300)).as("begun").isEqualTo(node.index.event());
    node.revoke(number++);
    node.revoke(number++);
    Map<Path, byte[]> begun = files();
    assertThat(begun).as("base, record, full journal, next journal").hasSize(4);
    assertThat(events(begun, number, ROOM)).isEqualTo(node.index.event());
    put(begun);
    background.remove().run(); // the base is written
    Map<Path, byte[]> done = files();
    assertThat(done).hasSize(3);
    assertThat(events(done, number, ROOM)).isEqualTo(node.index.event());
    Map<Path, byte[]> between = new HashMap<>(begun);
    between.putAll(done); // the new base is there, the old journal not yet gone
    assertThat(events(between, number, ROOM)).isEqualTo(node.index.event());
    between.put(file("status.base.1234.new"), new byte[10]); // as far as the power let it
    put(between);
    assertThat(node().index.event()).isGreaterThan(1);
    assertThat(files()).as("tidied").hasSize(3);
    put(begun);
    Files.delete(file("status.journal.2"));
    assertThat(node().index.isKnown()).as("the end is missing").isFalse();
    assertThat(before).isLessThan(number);
  }

  /** Puts those files, loads them, and checks that all that was revoked is. */
  private long events(Map<Path, byte[]> files, int end, long room) throws IOException {
    put(files);
    Node again = new Node(background::add, room);
    for (int number = 100; number < end; number++) {
      assertThat(again.has(number)).as("certificate %d", number).isTrue();
    }
    again.store.close();
    put(files);
    return again.index.event();
  }

  @Test
  void nextJournalThatNothingWasWrittenToIsForgotten() throws IOException {
    written();
    Map<Path, byte[]> one = files();
    Files.write(
        file("status.journal.2"),
        Arrays.copyOf(
            Files.readAllBytes(file("status.journal.1")), 48)); // another's number: not of use
    assertThat(node().index.isKnown()).isFalse();
    put(one);
    Chain begin = Chain.random(new SecureRandom());
    Journal.create(file("status.journal.2"), 2, begin).close();
    Node again = node();
    assertThat(again.index.event()).isEqualTo(43);
    assertThat(files()).hasSize(3);
    try (Journal unexpected = Journal.create(file("status.journal.2"), 2, begin)) {
      unexpected.append(new Frame(false, 99, NOW, List.of()));
    }
    assertThat(node().index.isKnown()).as("somebody's end is missing").isFalse();
  }

  @Test
  void journalsStaySmallWhateverHappens() throws IOException {
    Node node = node(Runnable::run, 2000);
    node.whole("feed-1", 1, 3);
    for (int number = 0; number < 200; number++) {
      node.change(number % 2 == 0 ? "revoked" : "active", 50);
      long octets = files().values().stream().mapToLong(one -> one.length).sum();
      assertThat(octets).isLessThan(4000 + 8192);
    }
    Node again = node();
    assertThat(again.index.event()).isEqualTo(201);
    assertThat(again.has(50)).isFalse();
  }

  @Test
  void anotherWholeStatusReplacesAllThatWasThere() throws IOException {
    Node node = node(background::add, 300);
    node.whole("feed-1", 40, 5);
    while (background.isEmpty()) {
      node.revoke(10);
    }
    background.remove().run();
    node.whole("feed-2", 3, 2);
    node.revoke(11);
    Node again = node();
    assertThat(again.index.feed()).isEqualTo("feed-2");
    assertThat(again.index.event()).isEqualTo(4);
    assertThat(again.index.size()).isEqualTo(3);
    assertThat(files()).hasSize(3);
  }

  @Test
  void failedWriteIsMadeGoodByAWholeOne() throws IOException {
    Node node = node();
    node.whole("feed-1", 40, 5);
    node.revoke(10);
    node.store.close(); // as a disk that fails
    assertThatThrownBy(() -> node.revoke(11)).isInstanceOf(IOException.class);
    node.save(List.of()); // the next try
    Node again = node();
    assertThat(again.has(10)).isTrue();
    assertThat(again.has(11)).isTrue();
    assertThat(again.index.event()).isEqualTo(42);
  }

  private static String legacy() {
    StringBuilder body =
        new StringBuilder(
            "{\"version\":1,\"event\":41,\"feed\":\"feed-1\",\"contact\":\"2026-06-01T12:00:00Z\"}\n");
    for (int i = 0; i < 3; i++) {
      body.append(
          "{\"issuer\":\"issuing\",\"serial\":\"%s\",\"deviceId\":\"d\",\"status\":\"revoked\",\"until\":\"2099-01-01T00:00:00Z\"}\n"
              .formatted(blocked(i).key().serial()));
    }
    return body
        + Fingerprint.of(body.toString().getBytes(StandardCharsets.UTF_8)).toString()
        + "\n";
  }

  @Test
  void statusOfAnEarlierVersionIsReadAndReplaced() throws IOException {
    Files.writeString(file("status.ndjson"), legacy());
    Node node = node();
    assertThat(node.index.event()).isEqualTo(41);
    assertThat(node.index.feed()).isEqualTo("feed-1");
    assertThat(node.index.contact()).isEqualTo(NOW);
    assertThat(node.has(2)).isTrue();
    node.revoke(7);
    assertThat(file("status.ndjson")).doesNotExist();
    Node again = node();
    assertThat(again.index.event()).isEqualTo(42);
    assertThat(again.has(2)).isTrue();
    assertThat(again.has(7)).isTrue();
  }

  @Test
  void damagedStatusOfAnEarlierVersionCountsAsNone() throws IOException {
    byte[] whole = legacy().getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < whole.length; at += 7) {
      byte[] altered = whole.clone();
      altered[at] ^= 1;
      Files.write(file("status.ndjson"), altered);
      assertThat(node().index.isKnown()).as("altered at octet %d", at).isFalse();
    }
  }

  @Test
  void serialOfAnotherIssuerIsAnotherCertificate() throws IOException {
    written();
    Serial serial = blocked(0).key().serial();
    StatusIndex index = node().index;
    assertThat(index.block(new CertificateKey("issuing", serial))).isPresent();
    assertThat(index.block(new CertificateKey("operations", serial))).isEmpty();
  }
}
