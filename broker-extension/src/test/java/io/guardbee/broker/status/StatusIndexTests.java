package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the index says, how much it takes, and that nobody waits for it. */
class StatusIndexTests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant UNTIL = NOW.plus(90, ChronoUnit.DAYS);
  private static final List<String> STATUSES = List.of("revoked", "suspended", "superseded");

  private static CertificateKey key(long serial) {
    // as serials are: twenty octets
    BigInteger value = BigInteger.ONE.shiftLeft(150).add(BigInteger.valueOf(serial * 7919));
    return new CertificateKey("issuing", new Serial(value));
  }

  private static BlockedCertificate blocked(long serial, String status, Instant until) {
    return new BlockedCertificate(key(serial), "d-" + serial, status, until);
  }

  private static StatusIndex filled(long entries) {
    StatusIndex index = new StatusIndex();
    StatusRefill refill = index.refill();
    for (long serial = 0; serial < entries; serial++) {
      refill.add(blocked(serial, "revoked", UNTIL));
    }
    refill.commit("feed", 1);
    return index;
  }

  private static void change(StatusIndex index, String status, BlockedCertificate... some) {
    index.apply(new FeedLine.Status(index.event() + 1, "d", status, List.of(some)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void saysWhatAMapWouldSay(long seed) {
    Random random = new Random(seed);
    StatusIndex index = new StatusIndex();
    Map<CertificateKey, Block> model = new HashMap<>();
    for (int step = 0; step < 40_000; step++) {
      if (step % 10_000 == 5000) { // a whole status takes the place of all
        model.clear();
        StatusRefill refill = index.refill();
        for (int i = 0; i < 3000; i++) {
          BlockedCertificate one = blocked(random.nextInt(8000), "revoked", UNTIL);
          refill.add(one);
          model.put(one.key(), Block.REVOKED);
        }
        refill.commit("feed", step);
      }
      long serial = random.nextInt(8000);
      String status = STATUSES.get(random.nextInt(3));
      if (random.nextInt(3) == 0) {
        change(index, "active", blocked(serial, status, UNTIL));
        model.remove(key(serial));
      } else {
        change(index, status, blocked(serial, status, UNTIL));
        model.put(key(serial), Block.parse(status));
      }
      CertificateKey asked = key(random.nextInt(8000));
      assertThat(index.block(asked).orElse(null)).isEqualTo(model.get(asked));
    }
    for (long serial = 0; serial < 9000; serial++) {
      assertThat(index.block(key(serial)).orElse(null)).isEqualTo(model.get(key(serial)));
    }
    assertThat(index.size()).isEqualTo(model.size());
  }

  @Test
  void heaviestBlockCountsOfACertificateToldTwice() {
    StatusIndex index = new StatusIndex();
    StatusRefill refill = index.refill();
    refill.add(blocked(1, "revoked", UNTIL));
    refill.add(blocked(1, "superseded", UNTIL.plus(99, ChronoUnit.DAYS)));
    refill.add(blocked(2, "superseded", UNTIL));
    refill.commit("feed", 1);
    assertThat(index.block(key(1))).contains(Block.REVOKED);
    assertThat(index.block(key(2))).contains(Block.SUPERSEDED);
    assertThat(index.size()).isEqualTo(2);
  }

  @Test
  void wholeStatusIsNotSeenBeforeItIsComplete() {
    StatusIndex index = filled(10);
    StatusRefill refill = index.refill();
    refill.add(blocked(50, "revoked", UNTIL));
    assertThat(index.block(key(50))).isEmpty();
    assertThat(index.block(key(5))).isPresent();
    refill.commit("other", 7);
    assertThat(index.block(key(50))).isPresent();
    assertThat(index.block(key(5))).isEmpty();
    assertThat(index.feed()).isEqualTo("other");
    assertThat(index.event()).isEqualTo(7);
  }

  @Test
  void wholeStatusTellsWhoseDevicesAreNewlyOut() {
    StatusIndex index = new StatusIndex();
    StatusRefill first = index.refill();
    first.add(blocked(1, "revoked", UNTIL));
    first.add(blocked(2, "superseded", UNTIL));
    first.add(blocked(6, "suspended", UNTIL));
    first.add(blocked(7, "suspended", UNTIL));
    first.commit("feed", 1);
    StatusRefill refill = index.refill();
    refill.add(blocked(1, "revoked", UNTIL));
    refill.add(blocked(2, "revoked", UNTIL));
    refill.add(blocked(3, "superseded", UNTIL));
    refill.add(blocked(4, "suspended", UNTIL));
    refill.add(blocked(6, "revoked", UNTIL));
    refill.add(blocked(7, "suspended", UNTIL));
    NewlyBlocked newly = refill.commit("feed", 9);
    assertThat(newly.unwelcome()).accepts("d-2", "d-4").rejects("d-1", "d-3", "d-5", "d-7");
    assertThat(newly.revoked()).accepts("d-2", "d-6").rejects("d-1", "d-3", "d-4", "d-7");
  }

  /** Of the arrays' own sizes: 8 octets a word, 16 a head, a reference in the directory. */
  @ParameterizedTest
  @ValueSource(longs = {100_000, 400_000})
  void entryTakesNoMoreThanSixteenOctets(long entries) {
    StatusIndex index = filled(entries);
    BlockTable table = index.state().table();
    long octets = (long) BlockTable.SEGMENTS * Long.BYTES;
    for (int segment = 0; segment < BlockTable.SEGMENTS; segment++) {
      octets += 16 + (long) table.segment(segment).length * Long.BYTES;
    }
    assertThat(index.size()).isEqualTo((int) entries);
    assertThat(octets).isLessThanOrEqualTo(16 * entries);
    assertThat(index.bytes()).isGreaterThanOrEqualTo(octets).isLessThanOrEqualTo(16 * entries);
  }

  @Test
  void askingMakesNoObjects() {
    StatusIndex index = filled(1000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    CertificateKey in = key(500);
    CertificateKey out = key(5000);
    long present = ask(index, in, out, 1000);
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    present += ask(index, in, out, 10_000);
    long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertThat(present).isEqualTo(11_000);
    assertThat(after - before).as("octets for 20,000 questions").isLessThan(10_000);
  }

  private static long ask(StatusIndex index, CertificateKey in, CertificateKey out, int times) {
    long present = 0;
    for (int i = 0; i < times; i++) {
      present += index.block(in).isPresent() ? 1 : 0;
      present += index.block(out).isPresent() ? 1 : 0;
    }
    return present;
  }

  @Test
  void endedCertificatesLeaveAfterADay() {
    StatusIndex index = new StatusIndex();
    change(index, "revoked", blocked(1, "revoked", NOW));
    change(index, "revoked", blocked(2, "revoked", NOW.plus(40, ChronoUnit.DAYS)));
    change(index, "revoked", blocked(3, "revoked", Instant.parse("9999-12-31T23:59:59Z")));
    change(index, "revoked", blocked(4, "revoked", Instant.parse("1999-12-31T23:59:59Z")));
    index.sweepAll(NOW.plus(23, ChronoUnit.HOURS));
    assertThat(index.block(key(1))).isPresent();
    assertThat(index.size()).isEqualTo(3);
    index.sweepAll(NOW.plus(2, ChronoUnit.DAYS));
    assertThat(index.block(key(1))).isEmpty();
    assertThat(index.block(key(2))).isPresent();
    index.sweepAll(Instant.parse("2500-01-01T00:00:00Z"));
    assertThat(index.block(key(3))).isPresent();
    assertThat(index.size()).isEqualTo(1);
  }

  @Test
  void sweepingGoesRoundInSlices() {
    StatusIndex index = filled(10_000);
    Instant later = UNTIL.plus(3, ChronoUnit.DAYS);
    index.sweep(later);
    assertThat(index.size()).isBetween(9000, 9999);
    for (int i = 0; i < 200; i++) {
      index.sweep(later);
    }
    assertThat(index.size()).isZero();
  }

  @Test
  void refusalSaysWhatItsOwnerCanDo() {
    assertThat(Block.SUSPENDED.refusal(key(1), "d-1").reason())
        .isEqualTo(Reason.CERTIFICATE_SUSPENDED);
    assertThat(Block.REVOKED.refusal(key(1), "d-1").reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
    assertThat(Block.SUPERSEDED.refusal(key(1), "d-1").line())
        .contains(key(1).serial().toString(), "is superseded", "issued after it");
    assertThat(Block.parse("something new")).isEqualTo(Block.REVOKED);
  }

  @Test
  void lagIsTheTimeSinceTheServiceWasHeard() {
    StatusIndex index = new StatusIndex();
    assertThat(index.lag(NOW)).isGreaterThan(Duration.ofDays(365));
    index.heard(NOW);
    assertThat(index.lag(NOW.plusSeconds(3))).isEqualTo(Duration.ofSeconds(3));
  }

  /**
   * Readers ask while everything moves: what stays blocked is never missed, what is never blocked
   * never found, and what was blocked is seen by every question that begins after it was.
   */
  @Test
  void changesNeverHideAnythingFromReaders() throws Exception {
    StatusIndex index = filled(20_000);
    AtomicLong done = new AtomicLong(100_000); // serials below were put in
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Long>> readers = new ArrayList<>();
      for (int reader = 0; reader < 2; reader++) {
        Random random = new Random(reader);
        readers.add(threads.submit(() -> read(index, random, done, ended)));
      }
      Future<?> sweeper = threads.submit(() -> sweep(index, ended));
      for (long serial = 100_000; serial < 140_000; serial++) {
        change(index, "revoked", blocked(serial, "revoked", UNTIL));
        done.set(serial + 1);
        change(index, "suspended", blocked(200_000 + serial, "suspended", UNTIL));
        change(index, "active", blocked(200_000 + serial, "suspended", UNTIL));
      }
      ended.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get(5, TimeUnit.MINUTES)).as("questions asked").isPositive();
      }
      sweeper.get(5, TimeUnit.MINUTES);
      assertThat(index.size()).isEqualTo(60_000);
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  private static long read(StatusIndex index, Random random, AtomicLong done, AtomicBoolean ended) {
    long asked = 0;
    while (!ended.get()) {
      long newest = done.get() - 1;
      assertThat(newest < 100_000 || index.block(key(newest)).isPresent()).isTrue();
      assertThat(index.block(key(random.nextInt(20_000)))).contains(Block.REVOKED);
      assertThat(index.block(key(500_000 + random.nextInt(20_000)))).isEmpty();
      asked++;
    }
    return asked;
  }

  private static void sweep(StatusIndex index, AtomicBoolean ended) {
    while (!ended.get()) {
      index.sweep(NOW);
    }
  }
}
