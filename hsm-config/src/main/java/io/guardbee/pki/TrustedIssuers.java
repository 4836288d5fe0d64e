package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The authorities whose certificates are believed, by role. Decides whether a presented certificate
 * is good at a moment; whether it is revoked is decided elsewhere. Immutable and thread-safe.
 *
 * @param byRole certificates of the authorities, by role such as {@code issuing}; a role may be
 *     filled by several during a rollover
 */
public record TrustedIssuers(Map<String, List<X509Certificate>> byRole) {

  /** RFC 5280 §4.2.1.12 id-kp-clientAuth. */
  public static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  private static final int DIGITAL_SIGNATURE = 0;

  /** keyUsage, basicConstraints, extendedKeyUsage, subjectAltName. */
  private static final Set<String> KNOWN_CRITICAL =
      Set.of("2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.17");

  public TrustedIssuers {
    byRole = Map.copyOf(byRole);
  }

  /** All authorities, for the list a TLS server shows its clients. */
  public List<X509Certificate> all() {
    List<X509Certificate> all = new ArrayList<>();
    byRole.values().forEach(all::addAll);
    return all;
  }

  /**
   * Checks a client certificate: signed by one of these authorities (itself within its validity),
   * within its validity, an end-entity certificate, for client authentication.
   *
   * @return who it speaks for
   * @throws RefusedException with the first check that failed
   */
  public Identity identify(X509Certificate certificate, Instant now) {
    String role = roleOf(certificate, now);
    checkValidity(certificate, now);
    checkPurpose(certificate);
    return new Identity(role, Subject.of(certificate.getSubjectX500Principal()));
  }

  private String roleOf(X509Certificate certificate, Instant now) {
    RefusedException outdated = null;
    for (Map.Entry<String, List<X509Certificate>> entry : byRole.entrySet()) {
      for (X509Certificate authority : entry.getValue()) {
        if (isIssuedBy(certificate, authority)) {
          try {
            checkValidity(authority, now);
            return entry.getKey();
          } catch (RefusedException e) {
            outdated = e; // another certificate of the same authority may be valid now
          }
        }
      }
    }
    if (outdated != null) {
      throw outdated;
    }
    throw new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        describe(certificate)
            + " is issued by "
            + Quoted.of(certificate.getIssuerX500Principal().getName())
            + ", which is not trusted here",
        "enrol with this Guardbee, or present the certificate that it issued");
  }

  private static boolean isIssuedBy(X509Certificate certificate, X509Certificate authority) {
    if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // same name, another key: a predecessor, or an impostor
    }
  }

  private static void checkValidity(X509Certificate certificate, Instant now) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      throw new RefusedException(
          Reason.CERTIFICATE_NOT_YET_VALID,
          describe(certificate) + " is valid only from " + from,
          "set the clock, or wait");
    }
    if (now.isAfter(until)) {
      throw new RefusedException(
          Reason.CERTIFICATE_EXPIRED,
          describe(certificate) + " expired at " + until,
          "enrol again: ask the operator for guardbee device grant");
    }
  }

  private static void checkPurpose(X509Certificate certificate) {
    Set<String> unknown = unknownCritical(certificate);
    if (!unknown.isEmpty()) {
      throw new RefusedException(
          Reason.CERTIFICATE_PURPOSE_WRONG,
          describe(certificate) + " has critical extensions that are not understood: " + unknown,
          "present a certificate that Guardbee issued");
    }
    if (certificate.getBasicConstraints() >= 0 || !isForClients(certificate)) {
      throw new RefusedException(
          Reason.CERTIFICATE_PURPOSE_WRONG,
          describe(certificate)
              + " is not for client authentication (extended key usage clientAuth)",
          "present the device or operator certificate, not a server's or an authority's");
    }
  }

  private static boolean isForClients(X509Certificate certificate) {
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      boolean[] usage = certificate.getKeyUsage();
      return purposes != null
          && purposes.contains(CLIENT_AUTH)
          && (usage == null || usage[DIGITAL_SIGNATURE]);
    } catch (GeneralSecurityException e) {
      return false; // an unreadable extension counts as a missing one
    }
  }

  private static Set<String> unknownCritical(X509Certificate certificate) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    Set<String> unknown = new TreeSet<>(critical == null ? Set.of() : critical);
    unknown.removeAll(KNOWN_CRITICAL);
    return unknown;
  }

  private static String describe(X509Certificate certificate) {
    return "certificate "
        + Quoted.of(certificate.getSubjectX500Principal().getName())
        + " serial "
        + certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
  }
}
