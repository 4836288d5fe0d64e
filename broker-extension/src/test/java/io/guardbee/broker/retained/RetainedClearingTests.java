package io.guardbee.broker.retained;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.KnownDevice;
import io.guardbee.broker.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often the broker's retained messages are gone through, and what a failure does. */
class RetainedClearingTests {

  private static final Policy POLICY =
      Policy.parse(
          """
          version: 1
          rules:
            - name: sensors
              when: { subject.CN: [d-1, d-2, d-3] }
              clientId: "${subject.CN}"
              allow:
                - publish: "devices/${subject.CN}/#"
                  retain: true
            - name: others
              when: { issuer: issuing }
              clientId: "${subject.CN}"
              allow:
                - publish: "state/${subject.CN}"
                  retain: true
          """,
          "policy");

  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final Store store = new Store();
  private final RetainedClearing clearing = new RetainedClearing(store, POLICY::retained, executor);

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  /** Topics in memory; a pass ends only when it is allowed to. */
  private static final class Store implements RetainedMessages {
    private final Set<String> topics = new ConcurrentSkipListSet<>();
    private final AtomicInteger passes = new AtomicInteger();
    private final AtomicInteger failing = new AtomicInteger();
    private volatile CompletableFuture<Void> passing = CompletableFuture.completedFuture(null);

    @Override
    public CompletableFuture<Void> forEachTopic(Predicate<String> visitor) {
      passes.incrementAndGet();
      if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        return CompletableFuture.failedFuture(new IllegalStateException("busy"));
      }
      return passing.thenRun(() -> topics.stream().takeWhile(visitor).forEach(topic -> {}));
    }

    @Override
    public CompletableFuture<Boolean> remove(String topic) {
      return CompletableFuture.completedFuture(topics.remove(topic));
    }
  }

  private static KnownDevice device(String id) {
    return new KnownDevice(id, "issuing", null);
  }

  private static int number(CompletableFuture<Integer> cleared) throws Exception {
    return cleared.get(5, TimeUnit.MINUTES);
  }

  @Test
  void devicesThatAreRevokedTogetherCostOnePassMore() throws Exception {
    store.topics.addAll(Set.of("devices/d-1/a", "devices/d-1/b", "devices/d-2/a", "devices/d-2/b"));
    CompletableFuture<Void> first = new CompletableFuture<>();
    store.passing = first;
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    all.add(clearing.clear(List.of(device("d-3"))));
    while (store.passes.get() == 0) {
      Thread.onSpinWait();
    }
    for (int i = 0; i < 50; i++) {
      all.add(clearing.clear(List.of(device("d-1"))));
    }
    all.add(clearing.clear("d-2"::equals));
    first.complete(null);
    int cleared = 0;
    for (CompletableFuture<Integer> one : all) {
      cleared += number(one);
    }
    assertThat(cleared).as("each told once").isEqualTo(4);
    assertThat(store.topics).isEmpty();
    assertThat(store.passes).hasValue(2);
  }

  @Test
  void topicsThatAreKnownOneByOneNeedNoPass() throws Exception {
    store.topics.addAll(Set.of("state/x-1", "state/x-2"));
    assertThat(number(clearing.clear(List.of(device("x-1"))))).isEqualTo(1);
    assertThat(store.topics).containsExactly("state/x-2");
    assertThat(store.passes).hasValue(0);
  }

  @Test
  void passThatFailsIsTriedAgain() throws Exception {
    store.topics.add("devices/d-1/a");
    store.failing.set(1);
    assertThat(number(clearing.clear(List.of(device("d-1"))))).isEqualTo(1);
    assertThat(store.topics).isEmpty();
  }

  @Test
  void moreMessagesThanOnePageHoldsAreAllCleared() throws Exception {
    for (int i = 0; i < 120_000; i++) {
      store.topics.add("devices/d-1/" + i);
    }
    assertThat(number(clearing.clear(List.of(device("d-1"))))).isEqualTo(120_000);
    assertThat(store.topics).isEmpty();
  }
}
