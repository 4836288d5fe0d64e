package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.service.Backoff;
import io.guardbee.broker.status.Acknowledger.Applied;
import io.guardbee.broker.status.Acknowledger.Done;
import io.guardbee.broker.status.Deletion.Cleared;
import io.guardbee.broker.status.Evictor.Begun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an event is acknowledged, and when not. */
class AcknowledgerTests {

  private final StatusIndex index = new StatusIndex();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final AtomicInteger failingSaves = new AtomicInteger();
  private final CountDownLatch disk = new CountDownLatch(1);
  private final List<Long> acknowledged = new CopyOnWriteArrayList<>();
  private final List<List<Done>> requests = new CopyOnWriteArrayList<>();

  private final Path folder;
  private final Acknowledger acknowledger;
  private final Thread thread;

  AcknowledgerTests(@TempDir Path folder) {
    this.folder = folder;
    this.acknowledger = make();
    this.thread = new Thread(acknowledger);
  }

  private Acknowledger make() {
    return new Acknowledger(
        this::save,
        this::send,
        PendingDeletions.in(folder),
        new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1)),
        Duration.ofMinutes(1));
  }

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

  private static Eviction closing(CompletableFuture<Integer> closed) {
    return Eviction.begin(sessionsOf("d-1"), () -> new Begun(closed));
  }

  private static Eviction deleting(CompletableFuture<Void> gone, String... devices) {
    Begun begun = new Begun(CompletableFuture.completedFuture(1), new Deletion(gone, () -> 3));
    return Eviction.begin(sessionsOf(devices), () -> begun);
  }

  private static Remains sessionsOf(String... devices) {
    return new Remains(Set.of(devices), Set.of());
  }

  private void awaitAcknowledged(long event) {
    Awaitility.await().until(() -> acknowledged.contains(event));
  }

  @Test
  void burstIsSavedOnceAndToldInFewRequests() {
    for (long event = 1; event <= 10_000; event++) {
      int ended = (int) event;
      applied(event, closing(CompletableFuture.completedFuture(ended)));
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
            sessionsOf("d-1"),
            () ->
                switch (tries.incrementAndGet()) {
                  case 1 ->
                      new Begun(CompletableFuture.failedFuture(new IllegalStateException("busy")));
                  case 2 -> throw new IllegalStateException("still busy");
                  default -> new Begun(third);
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
    applied(2, closing(slow));
    disk.countDown();
    thread.start();
    awaitAcknowledged(1);
    assertThat(acknowledged).containsExactly(1L);
    slow.complete(5);
    awaitAcknowledged(2);
    assertThat(requests.get(1)).containsExactly(new Done(2, 5, 0, false, Cleared.NONE));
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

  @Test
  void slowDeletionOfSessionsIsToldAndKeepsNothingBack() {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    applied(1, deleting(gone, "d-1"));
    applied(2, Eviction.nothing());
    disk.countDown();
    thread.start();
    awaitAcknowledged(2);
    assertThat(requests.get(0)).contains(new Done(1, 1, 3, false, Cleared.NONE));
    assertThat(PendingDeletions.in(folder).byEvent())
        .containsExactly(Map.entry(1L, sessionsOf("d-1")));
    gone.complete(null);
    Awaitility.await()
        .until(
            () ->
                requests.stream()
                    .anyMatch(all -> all.contains(new Done(1, 0, 0, true, Cleared.NONE))));
    assertThat(PendingDeletions.in(folder).byEvent()).isEmpty();
    assertThat(acknowledger.acknowledged()).isEqualTo(2);
  }

  @Test
  void clearedRetainedMessagesAreToldOnceWithTheAcknowledgementOrAfterIt() {
    CompletableFuture<Integer> later = new CompletableFuture<>();
    for (CompletableFuture<Integer> cleared :
        List.of(CompletableFuture.completedFuture(7), later)) {
      Deletion deletion = Deletion.nothing().clearing(cleared);
      Begun begun = new Begun(CompletableFuture.completedFuture(0), deletion);
      applied(cleared == later ? 2 : 1, Eviction.begin(sessionsOf("d-1"), () -> begun));
    }
    disk.countDown();
    thread.start();
    awaitAcknowledged(2);
    assertThat(requests.get(0))
        .containsExactly(
            new Done(1, 0, 0, false, new Cleared(7, false)),
            new Done(2, 0, 0, false, new Cleared(0, true)));
    later.complete(4);
    Done end = new Done(2, 0, 0, true, new Cleared(4, false));
    Awaitility.await().until(() -> requests.stream().anyMatch(all -> all.contains(end)));
    assertThat(PendingDeletions.in(folder).byEvent()).isEmpty();
  }

  @Test
  void lateRepetitionOfAnAcknowledgementStillTellsWhatIsBeingDeleted() {
    applied(1, deleting(new CompletableFuture<>(), "d-1"));
    disk.countDown();
    thread.start();
    awaitAcknowledged(1);
    applied(1, Eviction.nothing()); // as when the service was heard
    Awaitility.await().until(() -> requests.size() == 2);
    assertThat(requests.get(1)).containsExactly(new Done(1, 0, 3, false, Cleared.NONE));
  }

  @Test
  void restartGoesOnWithDeletions() {
    applied(1, deleting(new CompletableFuture<>(), "d-1", "d-2"));
    applied(2, deleting(CompletableFuture.completedFuture(null), "d-3"));
    disk.countDown();
    thread.start();
    awaitAcknowledged(2);
    Acknowledger after = make();
    List<Remains> again = new ArrayList<>();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    after.resume(
        new Resuming(
            remains -> {
              again.add(remains);
              return new Deletion(gone, () -> 1);
            }));
    assertThat(again).containsExactly(sessionsOf("d-1", "d-2"));
    Thread second = new Thread(after);
    second.start();
    after.after(new Applied(2, index.state(), List.of(), Eviction.nothing()));
    gone.complete(null);
    Awaitility.await()
        .until(
            () ->
                requests.stream()
                    .anyMatch(all -> all.contains(new Done(1, 0, 0, true, Cleared.NONE))));
    second.interrupt();
    assertThat(PendingDeletions.in(folder).byEvent()).isEmpty();
  }

  @Test
  void wholeStatusThatWasNotCarriedOutIsCarriedOutByTheNext() {
    applied(1, deleting(new CompletableFuture<>(), "*"));
    disk.countDown();
    thread.start();
    awaitAcknowledged(1);
    Acknowledger after = make();
    assertThat(after.isAllPending()).isTrue();
    Thread second = new Thread(after);
    second.start();
    after.after(
        new Applied(
            2, index.state(), List.of(), deleting(CompletableFuture.completedFuture(null), "*")));
    Awaitility.await().until(() -> !after.isAllPending());
    second.interrupt();
    assertThat(PendingDeletions.in(folder).byEvent()).isEmpty();
  }

  /** An evictor of which nothing is wanted but this. */
  private record Resuming(Function<Remains, Deletion> deleting) implements Evictor {
    @Override
    public Begun evict(Collection<BlockedCertificate> blocked) {
      throw new IllegalStateException("not asked");
    }

    @Override
    public Begun reconsider(StatusIndex index, NewlyBlocked newly) {
      throw new IllegalStateException("not asked");
    }

    @Override
    public Deletion delete(Remains remains) {
      return deleting.apply(remains);
    }
  }
}
