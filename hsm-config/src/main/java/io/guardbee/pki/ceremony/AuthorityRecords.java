package io.guardbee.pki.ceremony;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ceremony records that one root signed, in the order of their numbers, and the newest list of
 * revoked authorities: which certificate has which role. Records may be left out, but what they say
 * of each other must hold. Immutable.
 */
public final class AuthorityRecords {

  private static final int MOST = 1000;

  private final List<AuthorityRecord> records;
  private final @Nullable RevokedAuthorities revoked;

  private AuthorityRecords(List<AuthorityRecord> records, @Nullable RevokedAuthorities revoked) {
    this.records = List.copyOf(records);
    this.revoked = revoked;
  }

  /**
   * Verifies all of it.
   *
   * @param roots anchors that are known here; one of them signed everything
   * @param crl PEM, for a list that no record holds; empty for none
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when anything does not hold
   */
  public static AuthorityRecords verify(
      Collection<X509Certificate> roots, List<SignedRecord> told, String crl) {
    if (told.isEmpty() || told.size() > MOST) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          told.size() + " ceremony records of the root were told",
          "update the service; guardbee ca show on its machine tells which records are missing");
    }
    X509Certificate root =
        roots.stream()
            .filter(anchor -> AuthorityRecord.isSigned(anchor, told.get(0)))
            .findFirst()
            .orElseThrow(() -> AuthorityRecord.refused("a record is of no root known here"));
    List<AuthorityRecord> records =
        told.stream()
            .map(record -> AuthorityRecord.verify(root, record))
            .sorted(Comparator.comparingLong(AuthorityRecord::number))
            .toList();
    requireOrder(records);
    return new AuthorityRecords(records, newest(root, records, crl));
  }

  private static void requireOrder(List<AuthorityRecord> records) {
    for (int i = 1; i < records.size(); i++) {
      AuthorityRecord before = records.get(i - 1);
      AuthorityRecord next = records.get(i);
      if (next.number() == before.number()) {
        throw AuthorityRecord.refused("there are two ceremony records " + next.number());
      }
      if (next.number() == before.number() + 1 && !next.previous().equals(before.fingerprint())) {
        throw AuthorityRecord.refused(
            "ceremony record " + next.number() + " does not follow the record before it");
      }
    }
  }

  private static @Nullable RevokedAuthorities newest(
      X509Certificate root, List<AuthorityRecord> records, String crl) {
    List<RevokedAuthorities> all = new ArrayList<>();
    records.stream()
        .map(AuthorityRecord::crl)
        .filter(pem -> !pem.isEmpty())
        .forEach(pem -> all.add(RevokedAuthorities.verify(root, pem)));
    if (!crl.isEmpty()) {
      all.add(RevokedAuthorities.verify(root, crl));
    }
    return all.stream().max(Comparator.comparingLong(RevokedAuthorities::number)).orElse(null);
  }

  /** Number of the last ceremony: of two sets of records, the one with the greater knows more. */
  public long generation() {
    return records.get(records.size() - 1).number();
  }

  /** Number of the list of revoked authorities; 0 when there is none. */
  public long crlNumber() {
    return Optional.ofNullable(revoked).map(RevokedAuthorities::number).orElse(0L);
  }

  /** Whether the root certified that one for that role, and has not revoked it. */
  public boolean isAuthority(String role, X509Certificate certificate) {
    return !isRevoked(certificate)
        && records.stream()
            .flatMap(record -> record.certified().stream())
            .anyMatch(one -> one.role().equals(role) && one.certificate().equals(certificate));
  }

  /** Whether the root has revoked it. */
  public boolean isRevoked(X509Certificate certificate) {
    return Optional.ofNullable(revoked).filter(list -> list.holds(certificate)).isPresent();
  }

  /**
   * Requires that these are what was known before, or go on from it.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when they know less, or other
   *     records by the same numbers
   */
  public void requireFollows(AuthorityRecords known) {
    if (generation() < known.generation() || crlNumber() < known.crlNumber()) {
      throw AuthorityRecord.refused(
          "ceremony record "
              + generation()
              + " and CRL "
              + crlNumber()
              + " are older than what is known: ceremony record "
              + known.generation()
              + " and CRL "
              + known.crlNumber());
    }
    for (AuthorityRecord record : records) {
      known.records.stream()
          .filter(other -> other.number() == record.number())
          .filter(other -> !other.fingerprint().equals(record.fingerprint()))
          .findFirst()
          .ifPresent(
              other -> {
                throw AuthorityRecord.refused(
                    "ceremony record "
                        + record.number()
                        + " is another than the one known by that number: "
                        + Quoted.line(other.fingerprint()));
              });
    }
  }
}
