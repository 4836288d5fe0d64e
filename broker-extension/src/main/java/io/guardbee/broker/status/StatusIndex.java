package io.guardbee.broker.status;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The certificates that must not come in, as far as this node knows: 8 octets for each, and less
 * than a MiB besides. Any thread may ask, never waits and makes no objects; one thread at a time
 * changes it. A change is visible to every question asked after the changing method has returned.
 *
 * <p>Certificates are known by a keyed hash of 62 bits. That one which nobody blocked is refused
 * for another's sake happens with a probability of 2·10<sup>-12</sup> among ten million blocked
 * ones, cannot be brought about by anybody who does not know this node's key, and ends with the
 * next whole status, which comes with a new key.
 */
public final class StatusIndex {

  private static final int SLICES = 128;

  /** One state of the index: the table's content changes, all else is fixed. */
  record State(String feed, SipHash hash, BlockTable table, boolean known) {}

  private final SecureRandom random;
  private final RestoreState restore;
  private volatile State state;
  private volatile long event;
  private volatile Instant contact = Instant.MIN;
  private volatile String refusal = "";
  private int nextSlice;

  /** Knows nothing yet. */
  public StatusIndex() {
    this(new SecureRandom());
  }

  StatusIndex(SecureRandom random) {
    this(random, new RestoreState());
  }

  StatusIndex(SecureRandom random, RestoreState restore) {
    this.random = random;
    this.restore = restore;
    this.state = new State("", SipHash.random(random), new BlockTable(), false);
  }

  /** Why that certificate must not come in; empty when it may. */
  public Optional<Block> block(CertificateKey key) {
    State now = state;
    return Tag.block(now.table.tag(now.hash.of(key)));
  }

  /** Certificates that must not come in because the service has lost its records of their time. */
  public RestoreState restore() {
    return restore;
  }

  /** Whether a status was ever learnt: until then, nothing is known of any certificate. */
  public boolean isKnown() {
    return state.known;
  }

  /** The last event that is in force here. */
  public long event() {
    return event;
  }

  /** How many certificates are blocked. */
  public int size() {
    return state.table.size();
  }

  /** The heap that it takes, in octets, at most. */
  public long bytes() {
    return state.table.bytes();
  }

  /** When the service last confirmed that this is the status in force. */
  public Instant contact() {
    return contact;
  }

  /** How long ago that was; thousands of years when it never did. */
  public Duration lag(Instant now) {
    return Duration.between(contact, now);
  }

  /** Why the service's feed, or an event of it, is not followed; empty when all of it is. */
  public String refusal() {
    return refusal;
  }

  void refused(String why) {
    refusal = why;
  }

  /** Begins to learn a whole status, which takes the place of this one when it is complete. */
  public StatusRefill refill() {
    return refill(false);
  }

  /**
   * The same.
   *
   * @param allNew whether what is known already counts as new, for those who have lost by it
   */
  StatusRefill refill(boolean allNew) {
    return new StatusRefill(this, SipHash.random(random), allNew);
  }

  /** The service's event log that the event numbers are of; empty before the first contact. */
  String feed() {
    return state.feed;
  }

  State state() {
    return state;
  }

  void heard(Instant now) {
    contact = now;
  }

  void replace(State whole, long lastEvent) {
    state = whole;
    event = lastEvent;
  }

  /**
   * Applies an event.
   *
   * @return what it did, to be kept on disk
   */
  List<Change> apply(FeedLine.Status told) {
    State now = state;
    List<Change> changes = new ArrayList<>();
    for (BlockedCertificate one : told.certificates()) {
      int tag = told.blocks() ? Tag.of(one.block(), one.until()) : Tag.NONE;
      changes.add(new Change(now.hash.of(one.key()), tag));
    }
    changes.forEach(now.table::apply);
    event = told.event();
    return changes;
  }

  void skipTo(long unknownEvent) {
    event = unknownEvent;
  }

  /**
   * Forgets certificates whose own end keeps them out, in one part of the index; called again and
   * again, it goes round. One thread at a time, which may be another than the one that changes.
   */
  void sweep(Instant now) {
    int size = BlockTable.SEGMENTS / SLICES;
    BlockTable table = state.table;
    for (int segment = nextSlice * size; segment < (nextSlice + 1) * size; segment++) {
      table.sweep(segment, now);
    }
    nextSlice = (nextSlice + 1) % SLICES;
  }

  /** As {@link #sweep}, all of it. */
  void sweepAll(Instant now) {
    for (int slice = 0; slice < SLICES; slice++) {
      sweep(now);
    }
  }
}
