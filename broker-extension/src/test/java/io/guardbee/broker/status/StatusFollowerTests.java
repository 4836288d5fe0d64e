package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.service.Backoff;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the feed's lines do, in which order. */
class StatusFollowerTests {

  private final StatusIndex index = new StatusIndex();
  private final List<String> evicted = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final MutableClock clock = new MutableClock();

  private final Evictor evictor =
      new Evictor() {
        @Override
        public Begun evict(Collection<BlockedCertificate> blocked) {
          for (BlockedCertificate one : blocked) {
            // the order that the whole rests on: who asks now is refused already
            assertThat(index.block(one.key())).isPresent();
            evicted.add(one.deviceId());
          }
          return new Begun(CompletableFuture.completedFuture(blocked.size()));
        }

        @Override
        public Begun reconsider(StatusIndex whole, Predicate<String> unwelcome) {
          for (int i = 0; i < 10; i++) {
            if (unwelcome.test("d-" + i)) {
              assertThat(whole.block(key(i))).isPresent();
              evicted.add("d-" + i);
            }
          }
          return new Begun(CompletableFuture.completedFuture(0));
        }

        @Override
        public Deletion delete(Set<String> devices) {
          return Deletion.nothing();
        }
      };

  private final Instructions instructions =
      new Instructions() {
        @Override
        public void trust(Trust trust) {
          told.add("trust");
        }

        @Override
        public void policy(PolicyOrder order) {
          told.add("policy " + order.version());
          if (order.version() == 13) {
            throw new IllegalStateException("a defect elsewhere");
          }
        }
      };

  private final StatusFollower follower;

  StatusFollowerTests(@TempDir Path folder) {
    Acknowledger acknowledger =
        new Acknowledger(
            (state, changes, event) -> {},
            done -> {},
            PendingDeletions.in(folder),
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1)),
            Duration.ofMinutes(1));
    follower = new StatusFollower(index, evictor, instructions, acknowledger, clock);
  }

  /** Stands still until it is told to move. */
  private static final class MutableClock extends Clock {

    private Instant now = Instant.parse("2026-06-01T12:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static String certificate(int serial, String device) {
    return "{\"issuer\":\"issuing\",\"serial\":\"%02X\",\"deviceId\":\"%s\",\"status\":\"revoked\",\"until\":\"2099-01-01T00:00:00Z\"}"
        .formatted(serial, device);
  }

  private static CertificateKey key(int serial) {
    return new CertificateKey("issuing", new Serial(BigInteger.valueOf(serial)));
  }

  private void line(String text) {
    follower.accept(FeedLine.parse(text));
  }

  private void snapshot(long event, boolean last, String certificates) {
    line(
        "{\"type\":\"snapshot\",\"feed\":\"f\",\"event\":%d,\"last\":%b,\"certificates\":[%s]}"
            .formatted(event, last, certificates));
  }

  private void status(long event, String status, String certificates) {
    line(
        "{\"type\":\"status\",\"event\":%d,\"deviceId\":\"d\",\"status\":\"%s\",\"new\":1,\"certificates\":[%s]}"
            .formatted(event, status, certificates));
  }

  @Test
  void snapshotInPartsReplacesAllAtItsEnd() {
    snapshot(1, true, certificate(1, "d-1"));
    snapshot(5, false, certificate(2, "d-2"));
    assertThat(index.block(key(1))).as("still the old one").isPresent();
    snapshot(5, true, certificate(3, "d-3"));
    assertThat(index.block(key(1))).isEmpty();
    assertThat(index.block(key(2))).isPresent();
    assertThat(index.block(key(3))).isPresent();
    assertThat(evicted).containsExactly("d-1", "d-2", "d-3");
  }

  @Test
  void brokenSnapshotLeavesNoTrace() {
    snapshot(1, true, "");
    snapshot(5, false, certificate(2, "d-2"));
    follower.begin(true); // the stream broke, another begins
    snapshot(5, true, certificate(3, "d-3"));
    assertThat(index.block(key(2))).isEmpty();
  }

  @Test
  void eventsApplyOnceAndInOrder() {
    snapshot(1, true, "");
    status(2, "revoked", certificate(2, "d-2"));
    status(2, "revoked", certificate(9, "d-9"));
    assertThat(index.event()).isEqualTo(2);
    assertThat(index.block(key(9))).as("an event that was applied before").isEmpty();
    assertThat(evicted).containsExactly("d-2");
  }

  @Test
  void suspendedIsBlockedUntilActive() {
    snapshot(1, true, "");
    status(2, "suspended", certificate(2, "d-2"));
    assertThat(index.block(key(2))).isPresent();
    status(3, "active", certificate(2, "d-2"));
    assertThat(index.block(key(2))).isEmpty();
  }

  @Test
  void unknownEventCountsAsApplied() {
    snapshot(1, true, "");
    line("{\"type\":\"weather\",\"event\":2}");
    assertThat(index.event()).isEqualTo(2);
  }

  @Test
  void missedEventIsNoticedByTheNextHeartbeat() {
    snapshot(1, true, "");
    line("{\"type\":\"heartbeat\",\"event\":1}");
    assertThatThrownBy(() -> line("{\"type\":\"heartbeat\",\"event\":3}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event 3");
  }

  @Test
  void lineThatIsNoneIsRefused() {
    for (String text :
        List.of(
            "nonsense",
            "[",
            "{\"type\":\"status\",\"event\":2}",
            "{\"type\":\"status\",\"event\":2,\"certificates\":[{}]}")) {
      assertThatThrownBy(() -> line(text)).isInstanceOf(RuntimeException.class);
    }
    assertThat(index.event()).isZero();
  }

  @Test
  void gapAmongEventsIsNoticedAtOnceAndTheNextWholeStatusMendsIt() {
    snapshot(1, true, "");
    assertThatThrownBy(() -> status(3, "revoked", certificate(3, "d-3")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event 3");
    assertThat(index.block(key(3))).isEmpty();
    assertThat(index.event()).isEqualTo(1);
    follower.begin(true);
    assertThatThrownBy(() -> status(2, "revoked", certificate(2, "d-2")))
        .as("the whole was asked for")
        .isInstanceOf(IllegalStateException.class);
    follower.begin(true);
    snapshot(3, true, certificate(3, "d-3"));
    status(4, "revoked", certificate(4, "d-4"));
    assertThat(index.block(key(4))).isPresent();
  }

  @Test
  void partsOfDifferentStatusesAreNotMixed() {
    snapshot(5, false, certificate(2, "d-2"));
    assertThatThrownBy(() -> snapshot(6, true, "")).isInstanceOf(IllegalStateException.class);
    follower.begin(true);
    snapshot(5, false, certificate(2, "d-2"));
    assertThatThrownBy(() -> status(6, "revoked", certificate(3, "d-3")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(index.isKnown()).isFalse();
  }

  @Test
  void anUnfinishedStatusIsNoContact() {
    snapshot(1, true, "");
    Instant before = clock.now;
    clock.now = before.plusSeconds(60);
    follower.begin(true);
    snapshot(5, false, certificate(2, "d-2"));
    line("{\"type\":\"heartbeat\",\"event\":5}");
    assertThat(index.contact()).isEqualTo(before);
    assertThat(follower.isFollowing()).isFalse();
    snapshot(5, true, "");
    assertThat(index.contact()).isEqualTo(clock.now);
    assertThat(follower.isFollowing()).isTrue();
  }

  @Test
  void whatIsToldBesideAWholeStatusDoesNotMoveThePosition() {
    line("{\"type\":\"trust\",\"event\":0,\"roots\":[],\"issuing\":[]}");
    line("{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"\"}");
    snapshot(4, true, "");
    line("{\"type\":\"policy\",\"event\":5,\"version\":8,\"mode\":\"observe\",\"text\":\"\"}");
    line("{\"type\":\"policy\",\"event\":5,\"version\":8,\"mode\":\"observe\",\"text\":\"\"}");
    assertThat(told).containsExactly("trust", "policy 7", "policy 8");
    assertThat(index.event()).isEqualTo(5);
  }

  @Test
  void revocationsGoOnWhateverBecomesOfInstructions() {
    snapshot(1, true, "");
    line("{\"type\":\"policy\",\"event\":2,\"version\":13,\"mode\":\"enforce\",\"text\":\"\"}");
    line("{\"type\":\"policy\",\"event\":3,\"version\":14,\"mode\":\"somehow\",\"text\":\"\"}");
    line("{\"type\":\"trust\",\"event\":4,\"roots\":[\"not a certificate\"],\"issuing\":[]}");
    status(5, "revoked", certificate(5, "d-5"));
    assertThat(index.block(key(5))).contains(Block.REVOKED);
    assertThat(evicted).containsExactly("d-5");
  }
}
