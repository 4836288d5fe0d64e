package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.service.Backoff;
import io.guardbee.broker.status.Acknowledger.Applied;
import io.guardbee.broker.status.Acknowledger.Done;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an event is acknowledged, and when not. */
class AcknowledgerTests {

  private final StatusIndex index = new StatusIndex();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final AtomicInteger failingSaves = new AtomicInteger();
  private final CountDownLatch disk = new CountDownLatch(1);
  private final List<Long> acknowledged = new CopyOnWriteArrayList<>();
  private final List<List<Done>> requests = new CopyOnWriteArrayList<>();

  private final Acknowledger acknowledger =
      new Acknowledger(
          this::save,
          this::send,
          new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1)),
          Duration.ofMinutes(1));

  private final Thread thread = new Thread(acknowledger);

  private void save(StatusIndex.State state, List<Change> changes, long event) throws IOException {
    try {
      disk.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    if (failingSaves.getAndDecrement() > 0) {
      throw new IOException("no space left");
    }
    log.add("saved " + event + " with " + changes.size());
  }

  private void send(List<Done> done) {
    requests.add(done);
    for (Done one : done) {
      acknowledged.add(one.event());
      log.add("acknowledged " + one.event());
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }

  private void applied(long event, Eviction eviction) {
    List<Change> changes = List.of(new Change(event, Tag.NONE));
    acknowledger.after(new Applied(event, index.state(), changes, eviction));
  }

  private void awaitAcknowledged(long event) {
    Awaitility.await().until(() -> acknowledged.contains(event));
  }

  @Test
  void burstIsSavedOnceAndToldInFewRequests() {
    for (long event = 1; event <= 10_000; event++) {
      int ended = (int) event;
      applied(event, Eviction.begin(() -> CompletableFuture.completedFuture(ended)));
    }
    disk.countDown();
    thread.start();
    awaitAcknowledged(10_000);
    assertThat(log.get(0)).isEqualTo("saved 10000 with 10000");
    assertThat(requests).hasSize(10);
    List<Done> all = new ArrayList<>();
    requests.forEach(all::addAll);
    assertThat(all).hasSize(10_000).allMatch(one -> one.sessionsEnded() == one.event());
    assertThat(acknowledged).isSorted();
  }

  @Test
  void nothingIsAcknowledgedThatIsNotOnTheDisk() {
    failingSaves.set(3);
    applied(1, Eviction.nothing());
    thread.start();
    disk.countDown();
    awaitAcknowledged(1);
    assertThat(log).containsExactly("saved 1 with 1", "acknowledged 1");
    assertThat(failingSaves).hasValue(-1);
  }

  @Test
  void failedEvictionIsBegunAgainAndHoldsBackAllAfterIt() {
    AtomicInteger tries = new AtomicInteger();
    CompletableFuture<Integer> third = new CompletableFuture<>();
    Eviction stubborn =
        Eviction.begin(
            () ->
                switch (tries.incrementAndGet()) {
                  case 1 -> CompletableFuture.failedFuture(new IllegalStateException("busy"));
                  case 2 -> throw new IllegalStateException("still busy");
                  default -> third;
                });
    applied(1, Eviction.nothing());
    applied(2, stubborn);
    applied(3, Eviction.nothing());
    disk.countDown();
    thread.start();
    Awaitility.await().until(() -> tries.get() == 3);
    assertThat(log).doesNotContain("acknowledged 2", "acknowledged 3");
    third.complete(1);
    awaitAcknowledged(3);
    assertThat(acknowledged).containsExactly(1L, 2L, 3L);
  }

  @Test
  void eventThatIsDoneDoesNotWaitForALaterOne() {
    CompletableFuture<Integer> slow = new CompletableFuture<>();
    applied(1, Eviction.nothing());
    applied(2, Eviction.begin(() -> slow));
    disk.countDown();
    thread.start();
    awaitAcknowledged(1);
    assertThat(acknowledged).containsExactly(1L);
    slow.complete(5);
    awaitAcknowledged(2);
    assertThat(requests.get(1)).containsExactly(new Done(2, 5));
  }

  @Test
  void wholeStatusMakesEarlierChangesMoot() {
    StatusIndex.State before = index.state();
    index.refill().commit("feed", 7);
    acknowledger.after(
        new Applied(6, before, List.of(new Change(1, Tag.NONE)), Eviction.nothing()));
    acknowledger.after(new Applied(7, index.state(), List.of(), Eviction.nothing()));
    acknowledger.after(
        new Applied(8, index.state(), List.of(new Change(2, Tag.NONE)), Eviction.nothing()));
    disk.countDown();
    thread.start();
    awaitAcknowledged(8);
    assertThat(log.get(0)).isEqualTo("saved 8 with 1");
  }
}
