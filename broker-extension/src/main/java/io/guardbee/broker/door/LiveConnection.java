package io.guardbee.broker.door;

import io.guardbee.broker.policy.Rights;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One connection from its CONNECT to its end. Two are never equal. */
final class LiveConnection {

  private final long number;
  private final String clientId;
  private final Visitor visitor;
  private final Runnable disarm;
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile boolean disarmed;
  private volatile @Nullable Rights rights;
  private final CompletableFuture<Void> gone = new CompletableFuture<>();

  LiveConnection(long number, String clientId, Visitor visitor, Runnable disarm) {
    this.number = number;
    this.clientId = clientId;
    this.visitor = visitor;
    this.disarm = disarm;
  }

  long number() {
    return number;
  }

  String clientId() {
    return clientId;
  }

  Visitor visitor() {
    return visitor;
  }

  void grant(Rights granted) {
    rights = granted;
  }

  /** What it was given at CONNECT; null until then. */
  @Nullable Rights rights() {
    return rights;
  }

  /** Takes its rights away at once: closing may have to wait for a peer that does not read. */
  void disarm() {
    disarmed = true;
    disarm.run();
  }

  /** Whether its rights were taken away, perhaps before they were given. */
  boolean isDisarmed() {
    return disarmed;
  }

  /** True for the one that begins to end it. */
  boolean beginEnding() {
    return ending.compareAndSet(false, true);
  }

  /** Ending it did not work: somebody may begin again. */
  void giveUpEnding() {
    ending.set(false);
  }

  /** Completes when the connection has ended. */
  CompletableFuture<Void> gone() {
    return gone;
  }
}
