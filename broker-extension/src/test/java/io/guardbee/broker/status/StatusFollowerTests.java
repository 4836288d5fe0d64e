package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.service.Backoff;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the feed's lines do, in which order. */
class StatusFollowerTests {

  private final StatusIndex index = new StatusIndex();
  private final List<String> evicted = new ArrayList<>();
  private final StatusFollower follower =
      new StatusFollower(
          index,
          blocked -> {
            for (BlockedCertificate one : blocked) {
              // the order that the whole rests on: who asks now is refused already
              assertThat(index.block(one.key())).isPresent();
              evicted.add(one.deviceId());
            }
            return CompletableFuture.completedFuture(blocked.size());
          },
          new Instructions() {
            @Override
            public void trust(Trust trust) {}

            @Override
            public void policy(PolicyOrder order) {}
          },
          new Acknowledger(
              () -> {},
              (event, ended) -> {},
              new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1)),
              Duration.ofMinutes(1)),
          Clock.systemUTC());

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
    follower.begin(); // the stream broke, another begins
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
        List.of("nonsense", "[", "{\"type\":\"status\",\"event\":2,\"certificates\":[{}]}")) {
      assertThatThrownBy(() -> line(text)).isInstanceOf(RuntimeException.class);
    }
    assertThat(index.event()).isZero();
  }
}
