package io.guardbee.broker.retained;

import io.guardbee.broker.policy.KnownDevice;
import io.guardbee.broker.policy.RetainedTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears the retained messages of revoked devices in the background, and tries again until that is
 * done. Where a device's topics are known one by one, they are removed directly. Else all retained
 * messages are compared: requests that come while that runs are served together by the next pass,
 * and after each pass it pauses for as long as the pass took. Thread-safe.
 */
public final class RetainedClearing {

  private static final Logger LOG = LoggerFactory.getLogger(RetainedClearing.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);

  private final RetainedMessages messages;
  private final Supplier<RetainedTopics> topics;
  private final Executor executor;
  private final Object lock = new Object();
  private List<ClearRequest> waiting = new ArrayList<>();
  private boolean running;

  /**
   * Makes it; nothing runs until something is to be cleared.
   *
   * @param topics of the policy in force
   */
  public RetainedClearing(
      RetainedMessages messages, Supplier<RetainedTopics> topics, Executor executor) {
    this.messages = messages;
    this.topics = topics;
    this.executor = executor;
  }

  /**
   * Clears the retained messages of these devices.
   *
   * @return their number; it never fails
   */
  public CompletableFuture<Integer> clear(Collection<KnownDevice> devices) {
    RetainedTopics now = topics.get();
    if (devices.isEmpty() || now.isEmpty()) {
      return CompletableFuture.completedFuture(0);
    }
    ClearRequest request = ClearRequest.of(devices);
    List<Optional<Set<String>>> exact = devices.stream().distinct().map(now::topicsOf).toList();
    if (exact.stream().allMatch(Optional::isPresent)) {
      Set<String> all = new HashSet<>();
      exact.forEach(some -> some.ifPresent(all::addAll));
      removeEach(all, request);
    } else {
      enqueue(request);
    }
    return request.done();
  }

  /** The same for all devices of which that is true; nothing but their ids is known. */
  public CompletableFuture<Integer> clear(Predicate<String> devices) {
    if (topics.get().isEmpty()) {
      return CompletableFuture.completedFuture(0);
    }
    ClearRequest request = ClearRequest.of(devices);
    enqueue(request);
    return request.done();
  }

  private void removeEach(Set<String> all, ClearRequest request) {
    CompletableFuture<Void> unused =
        untilDone(() -> new Removal(messages).remove(all, request), 0).thenRun(request::complete);
  }

  private void enqueue(ClearRequest request) {
    synchronized (lock) {
      waiting.add(request);
      if (running) {
        return;
      }
      running = true;
    }
    executor.execute(this::next);
  }

  private void next() {
    List<ClearRequest> requests;
    synchronized (lock) {
      requests = waiting;
      waiting = new ArrayList<>();
      running = !requests.isEmpty();
    }
    if (requests.isEmpty()) {
      return;
    }
    long begin = System.nanoTime();
    CompletableFuture<Void> unused =
        untilDone(() -> new ClearPass(messages, topics.get(), requests).run(), 0)
            .thenRun(
                () -> {
                  requests.forEach(ClearRequest::complete);
                  long took = System.nanoTime() - begin;
                  after(Math.min(took, LONGEST_REST.toNanos())).execute(this::next);
                });
  }

  private Executor after(long nanos) {
    return CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, executor);
  }

  private CompletableFuture<Void> untilDone(Supplier<CompletableFuture<Void>> work, int failures) {
    CompletableFuture<Void> tried;
    try {
      tried = work.get();
    } catch (RuntimeException e) {
      tried = CompletableFuture.failedFuture(e);
    }
    return tried
        .handle((nothing, failure) -> failure)
        .thenCompose(
            failure -> {
              if (failure == null) {
                return CompletableFuture.<Void>completedFuture(null);
              }
              LOG.error("retained messages not cleared: {}; trying again", failure.toString());
              long pause = FIRST_PAUSE.toNanos() << Math.min(failures, MOST_DOUBLINGS);
              return CompletableFuture.runAsync(() -> {}, after(pause))
                  .thenCompose(paused -> untilDone(work, failures + 1));
            });
  }
}
