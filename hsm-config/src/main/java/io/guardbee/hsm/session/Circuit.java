package io.guardbee.hsm.session;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuit breaker before one token. The first request that meets a fault mends it while the
 * others wait; when that fails the circuit opens, requests are refused at once, and a thread of its
 * own probes until the token serves again. Safe for many threads.
 */
final class Circuit {

  /** Connects anew and proves it by a trial; throws what is still wrong. */
  interface Repair {
    void run() throws RefusedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Circuit.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String label;
  private final Repair repair;
  private final InstantSource clock;
  private volatile TokenHealth health;
  private volatile int generation;
  private boolean closed;
  private Reason reason = Reason.MODULE_FAILED;

  Circuit(String label, Repair repair, InstantSource clock) {
    this.label = label;
    this.repair = repair;
    this.clock = clock;
    this.health = now(TokenHealth.State.READY, "");
  }

  TokenHealth health() {
    return health;
  }

  /**
   * Lets a request through.
   *
   * @param deadline {@link System#nanoTime} after which it no longer waits for a repair
   * @return the generation of the connection that it will use
   * @throws RefusedException with the fault's reason when the circuit is open
   */
  int enter(long deadline) {
    int current = generation; // read before the state: an old one only costs a second try
    if (health.isReady()) {
      return current;
    }
    synchronized (this) {
      requireServing(deadline);
      return generation;
    }
  }

  private void requireServing(long deadline) {
    while (health.state() == TokenHealth.State.RECOVERING && deadline - System.nanoTime() > 0) {
      await(deadline);
    }
    if (!health.isReady()) {
      throw unavailable(health);
    }
  }

  /**
   * Mends what a request met; one thread does it for all.
   *
   * @param met the generation that the request used
   * @throws RefusedException when it cannot be mended now: the circuit is open
   */
  void mend(int met, RefusedException fault, long deadline) {
    if (begin(met, fault, deadline)) {
      try {
        repair.run();
        succeed();
      } catch (RefusedException e) {
        open(e);
        throw unavailable(health());
      } catch (RuntimeException | Error e) {
        open(fault);
        throw e;
      }
    }
  }

  private synchronized boolean begin(int met, RefusedException fault, long deadline) {
    requireServing(deadline);
    if (met != generation) {
      return false; // another thread has mended it since
    }
    health = now(TokenHealth.State.RECOVERING, fault.detail());
    LOG.warn("token {}: {}; connecting anew", Quoted.of(label), fault.detail());
    return true;
  }

  private synchronized void succeed() {
    generation++;
    Duration lasted = Duration.between(health.since(), clock.instant());
    health = now(TokenHealth.State.READY, "");
    LOG.info("token {} is ready again after {} ms", Quoted.of(label), lasted.toMillis());
    notifyAll();
  }

  private synchronized void open(RefusedException fault) {
    // since the fault was met, not since we gave up on it at once
    health = new TokenHealth(TokenHealth.State.UNAVAILABLE, health.since(), fault.line());
    reason = fault.reason();
    LOG.error("token {}: {}; refusing requests until it serves", Quoted.of(label), fault.line());
    notifyAll();
    Thread prober = new Thread(this::probe, "guardbee-hsm-probe");
    prober.setDaemon(true);
    prober.start();
  }

  /** The circuit is half open while this tries: no request takes part in it. */
  private void probe() {
    Duration pause = FIRST_PAUSE;
    while (rest(pause)) {
      try {
        repair.run();
        succeed();
        return;
      } catch (RefusedException e) {
        stillOpen(e);
      } catch (RuntimeException e) {
        LOG.error("probing token {} failed", Quoted.of(label), e);
      }
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }
  }

  private synchronized void stillOpen(RefusedException fault) {
    reason = fault.reason();
    if (!fault.line().equals(health.detail())) {
      LOG.warn("token {}: {}", Quoted.of(label), fault.line());
      health = new TokenHealth(TokenHealth.State.UNAVAILABLE, health.since(), fault.line());
    }
  }

  /** Whether to go on. Jitter keeps the replicas of a service from probing in step. */
  private synchronized boolean rest(Duration pause) {
    long nanos = (long) (pause.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
    long end = System.nanoTime() + nanos;
    while (isProbing() && end - System.nanoTime() > 0) {
      await(end);
    }
    return isProbing();
  }

  private boolean isProbing() {
    return !closed && health.state() == TokenHealth.State.UNAVAILABLE;
  }

  /** Ends the probing; {@link #reopen} begins afresh. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** A token that is opened again is given a fresh chance. */
  synchronized void reopen() {
    closed = false;
    health = now(TokenHealth.State.READY, "");
    generation++;
  }

  private void await(long deadline) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(
          Reason.MODULE_FAILED,
          Quoted.of(label) + ": interrupted while waiting for the module",
          "try again");
    }
  }

  private TokenHealth now(TokenHealth.State state, String detail) {
    Instant instant = clock.instant();
    return new TokenHealth(state, instant, detail);
  }

  private synchronized RefusedException unavailable(TokenHealth health) {
    return new RefusedException(
        health.state() == TokenHealth.State.UNAVAILABLE ? reason : Reason.MODULE_FAILED,
        Quoted.of(label) + " is " + health.line(),
        "bring the module back; Guardbee tries again by itself every few seconds");
  }
}
