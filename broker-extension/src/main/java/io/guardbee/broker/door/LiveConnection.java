package io.guardbee.broker.door;

import io.guardbee.broker.clone.Place;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.CertificateKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One connection from its CONNECT to its end. Two are never equal. */
final class LiveConnection {

  /**
   * That the same identity came in from another place.
   *
   * @param by its certificate there
   */
  record Doubt(Place elsewhere, CertificateKey by, long since) {}

  /**
   * What it might do by a policy under observation.
   *
   * @param version of that policy, 0 for none
   * @param rights null where there are none
   */
  record Wouldbe(long version, @Nullable Rights rights) {}

  private final long number;
  private final Arrival arrival;
  private final Turn turn = new Turn();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private volatile boolean disarmed;
  private volatile boolean seated;
  private volatile boolean entered;
  private volatile @Nullable Rights rights;
  private volatile Wouldbe observed = new Wouldbe(0, null);
  private volatile @Nullable Doubt doubt;
  private volatile int lookAgain;
  private volatile long sessionExpiry;
  private final StoredFilters filters = new StoredFilters();
  private final AtomicLong quietUntil = new AtomicLong(Long.MIN_VALUE);

  LiveConnection(long number, Arrival arrival) {
    this.number = number;
    this.arrival = arrival;
  }

  long number() {
    return number;
  }

  String clientId() {
    return arrival.clientId();
  }

  Visitor visitor() {
    return arrival.visitor();
  }

  Place place() {
    return arrival.place();
  }

  /** Null when it has none. */
  @Nullable Will will() {
    return arrival.will();
  }

  Grip grip() {
    return arrival.grip();
  }

  /** Whose turn it is to decide on its rights; begins with the CONNECT. */
  Turn turn() {
    return turn;
  }

  void grant(Rights granted) {
    rights = granted;
  }

  /** What it may do now; null until the policy was asked. */
  @Nullable Rights rights() {
    return rights;
  }

  void observe(Wouldbe wouldbe) {
    observed = wouldbe;
  }

  Wouldbe observed() {
    return observed;
  }

  /** It counts among those that its identity may have; by {@link LiveConnections} only. */
  void seat() {
    seated = true;
  }

  boolean isSeated() {
    return seated;
  }

  /** The connection is accepted: no check can refuse it any more. */
  void enter() {
    entered = true;
  }

  boolean hasEntered() {
    return entered;
  }

  void doubt(Doubt because) {
    doubt = because;
  }

  void forgetDoubt() {
    doubt = null;
  }

  /** Null where there is none. */
  @Nullable Doubt doubt() {
    return doubt;
  }

  /** How often the sweep is still to look for subscriptions that were on their way. */
  int lookAgain() {
    return lookAgain;
  }

  void lookAgain(int times) {
    lookAgain = times;
  }

  /** Its session outlives it by that many seconds. */
  void keepSession(long seconds) {
    sessionExpiry = seconds;
  }

  /** In seconds; 0 when the session ends with the connection. */
  long sessionExpiry() {
    return sessionExpiry;
  }

  /** What its session is subscribed to. */
  StoredFilters filters() {
    return filters;
  }

  /** Whether something that may happen often is to be told: once in that time. */
  boolean mayTell(long now, long nanos) {
    long until = quietUntil.get();
    boolean due = until == Long.MIN_VALUE || now - until >= 0;
    return due && quietUntil.compareAndSet(until, now + nanos);
  }

  /** Takes its rights away at once: closing may have to wait for a peer that does not read. */
  void disarm() {
    disarmed = true;
    grip().disarm();
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
