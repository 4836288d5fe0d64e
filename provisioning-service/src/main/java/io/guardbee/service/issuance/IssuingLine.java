package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Publication;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the module. Requests that come while a batch is under way make the next one, and share
 * its two transactions: one thread, since fewer and larger thread cost the database less than
 * several side by side. One that comes alone is not kept. The queue is bounded: who finds it full
 * is told so at once. Thread-safe.
 */
public final class IssuingLine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(IssuingLine.class);
  private static final int LARGEST_BATCH = 64;

  private static final Duration COME_BACK = Duration.ofSeconds(1);
  private static final Duration LONGEST_BATCH = Duration.ofSeconds(5); // waited for at the end

  private final Batches batch;
  private final BlockingQueue<Waiting> queue;
  private final ExecutorService thread;

  private record Waiting(ApprovedRequest request, CompletableFuture<Outcome> outcome) {}

  /** Who signs, where that is published, and who keeps the record. */
  public record Parts(
      Authorities authorities,
      Publication publication,
      CertificateLedger ledger,
      SecureRandom random,
      Clock clock) {}

  /**
   * @param waiting how many requests may wait
   * @param signaturesAtOnce how many the module is asked for at one time
   */
  public IssuingLine(Parts parts, int waiting, int signaturesAtOnce) {
    this.batch = new Batches(parts, signaturesAtOnce);
    this.queue = new ArrayBlockingQueue<>(waiting);
    this.thread = Executors.newSingleThreadExecutor(named("issuing"));
  }

  static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Issues one, with whoever else is waiting.
   *
   * @return the certificate or what stands against it
   * @throws RefusedException {@link Reason#OVERLOADED} at once when too many are waiting
   */
  Outcome issue(ApprovedRequest request) {
    Waiting waiting = new Waiting(request, new CompletableFuture<>());
    if (!queue.offer(waiting)) {
      throw overloaded();
    }
    return outcome(waiting);
  }

  /** The same for who may be kept waiting. */
  Outcome issuePatiently(ApprovedRequest request) throws InterruptedException {
    Waiting waiting = new Waiting(request, new CompletableFuture<>());
    queue.put(waiting);
    return outcome(waiting);
  }

  private Outcome outcome(Waiting waiting) {
    try {
      thread.execute(this::issueWaiting);
    } catch (RejectedExecutionException e) {
      if (queue.remove(waiting)) { // not in the last batch
        throw overloaded();
      }
    }
    try {
      return waiting.outcome().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static RefusedException overloaded() {
    return new RefusedException(
        Reason.OVERLOADED,
        "more requests are waiting for the module than this service takes",
        "come back in a second; the limit is limits.queue in config.yaml",
        COME_BACK);
  }

  /** Whether the same request has its certificate already; throws what stands against it. */
  boolean foresee(ApprovedRequest request) {
    return batch.foresee(request);
  }

  /** Runs once for each request; an earlier run may have issued it together with others. */
  private void issueWaiting() {
    List<Waiting> together = new ArrayList<>(LARGEST_BATCH);
    queue.drainTo(together, LARGEST_BATCH);
    if (!together.isEmpty()) {
      answer(together);
    }
  }

  private void answer(List<Waiting> together) {
    try {
      List<Outcome> outcomes = batch.issue(together.stream().map(Waiting::request).toList());
      for (int i = 0; i < outcomes.size(); i++) {
        together.get(i).outcome().complete(outcomes.get(i));
      }
    } catch (RuntimeException | Error e) {
      together.forEach(waiting -> waiting.outcome().completeExceptionally(e));
    }
  }

  /** Issues one by that authority, which may be one that signs for nobody else any more. */
  Outcome issueBy(Authority authority, ApprovedRequest request) {
    return batch.issueBy(authority, request);
  }

  /** What is waiting is told to come back; what is under way is finished. */
  @Override
  public void close() {
    List<Waiting> left = new ArrayList<>();
    queue.drainTo(left);
    left.forEach(waiting -> waiting.outcome().completeExceptionally(overloaded()));
    thread.shutdown(); // no interrupt: H2 closes its file when one comes while it writes
    try {
      if (!thread.awaitTermination(LONGEST_BATCH.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("the issuance under way does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    batch.close();
  }
}
