package io.guardbee.broker.status;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The certificates that must not come in, as far as this node knows. Any thread may ask and never
 * waits; one thread at a time changes it. A change is visible to every question asked after the
 * changing method has returned.
 */
public final class StatusIndex {

  /** One state of the index; the map within grows and shrinks, all else is fixed. */
  private record State(
      String feed, Map<CertificateKey, BlockedCertificate> blocked, boolean known) {}

  private volatile State state = new State("", new ConcurrentHashMap<>(), false);
  private volatile long event;
  private volatile Instant contact = Instant.MIN;

  /** Why that certificate must not come in; empty when it may. */
  public Optional<BlockedCertificate> block(CertificateKey key) {
    return Optional.ofNullable(state.blocked.get(key));
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
    return state.blocked.size();
  }

  /** When the service was last heard. */
  public Instant contact() {
    return contact;
  }

  /** The service's event log that the event numbers are of; empty before the first contact. */
  String feed() {
    return state.feed;
  }

  List<BlockedCertificate> all() {
    return List.copyOf(state.blocked.values());
  }

  void heard(Instant now) {
    contact = now;
  }

  /** Puts a whole status in the place of what is known. */
  void replace(String feed, long lastEvent, List<BlockedCertificate> certificates) {
    Map<CertificateKey, BlockedCertificate> blocked =
        certificates.stream()
            .collect(
                Collectors.toMap(
                    BlockedCertificate::key,
                    c -> c,
                    (first, second) -> second,
                    ConcurrentHashMap::new));
    state = new State(feed, blocked, true);
    event = lastEvent;
  }

  void apply(FeedLine.Status change) {
    Map<CertificateKey, BlockedCertificate> blocked = state.blocked;
    for (BlockedCertificate certificate : change.certificates()) {
      if (change.blocks()) {
        blocked.put(certificate.key(), certificate);
      } else {
        blocked.remove(certificate.key());
      }
    }
    event = change.event();
  }

  void skipTo(long unknownEvent) {
    event = unknownEvent;
  }

  /** Forgets certificates that have ended before then: their end keeps them out. */
  void forgetEndedBefore(Instant then) {
    state.blocked.values().removeIf(certificate -> certificate.until().isBefore(then));
  }
}
