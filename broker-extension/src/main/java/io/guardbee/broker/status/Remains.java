package io.guardbee.broker.status;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose data is to be deleted from the broker.
 *
 * @param devices whose sessions are deleted: those that must not come back, not only come with
 *     another certificate
 * @param revoked whose retained messages are cleared
 */
public record Remains(Set<String> devices, Set<RevokedDevice> revoked) {

  /** All that a whole status blocks. No device id has this form. */
  static final Remains ALL = new Remains(Set.of("*"), Set.of());

  static final Remains NONE = new Remains(Set.of(), Set.of());

  public Remains {
    devices = Set.copyOf(devices);
    revoked = Set.copyOf(revoked);
  }

  static Remains of(Collection<BlockedCertificate> blocked) {
    return new Remains(
        blocked.stream()
            .filter(certificate -> !certificate.isSuperseded())
            .map(BlockedCertificate::deviceId)
            .collect(Collectors.toSet()),
        revoked(blocked));
  }

  /** The devices among them that are revoked. */
  public static Set<RevokedDevice> revoked(Collection<BlockedCertificate> blocked) {
    return blocked.stream()
        .filter(certificate -> certificate.block() == Block.REVOKED)
        .map(
            certificate ->
                new RevokedDevice(
                    certificate.deviceId(), certificate.key().issuer(), certificate.subject()))
        .collect(Collectors.toSet());
  }

  Remains and(Remains more) {
    return new Remains(union(devices, more.devices), union(revoked, more.revoked));
  }

  private static <T> Set<T> union(Set<T> some, Set<T> more) {
    Set<T> all = new HashSet<>(some);
    all.addAll(more);
    return all;
  }

  /** Whether a whole status is meant. */
  boolean isAll() {
    return equals(ALL);
  }
}
