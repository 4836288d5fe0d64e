package io.guardbee.broker.status;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Times of which the service has lost its records since its database was put back. A certificate
 * that begins in one of them is refused unless the service has confirmed it. Immutable.
 *
 * @param confirmed those that are on record all the same, or were adopted by an operator
 */
public record RestoreWindows(List<Window> windows, Set<CertificateKey> confirmed) {

  /** Nothing is missing. */
  static final RestoreWindows NONE = new RestoreWindows(List.of(), Set.of());

  /** What was told is lost: every certificate is refused until the service tells it again. */
  static final RestoreWindows LOST =
      new RestoreWindows(List.of(new Window(Instant.MIN, Instant.MAX)), Set.of());

  public RestoreWindows {
    windows = List.copyOf(windows);
    confirmed = Set.copyOf(confirmed);
  }

  /**
   * A time in which certificates begin.
   *
   * @param from the first moment
   * @param until the first moment after it
   */
  record Window(Instant from, Instant until) {
    boolean holds(Instant moment) {
      return !moment.isBefore(from) && moment.isBefore(until);
    }
  }

  /** Whether that certificate must not come in. Costs nothing while there are no windows. */
  public boolean refuses(CertificateKey key, X509Certificate certificate) {
    return !windows.isEmpty() && !confirmed.contains(key) && begins(certificate);
  }

  private boolean begins(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    return windows.stream().anyMatch(window -> window.holds(from));
  }
}
