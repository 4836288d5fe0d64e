package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    for (Map.Entry<String, List<X509Certificate>> entry : byRole.entrySet()) {
      for (X509Certificate authority : entry.getValue()) {
        if (isIssuedBy(certificate, authority)) {
          checkValidity(authority, now);
          return entry.getKey();
        }
      }
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
    } catch (SignatureException | java.security.InvalidKeyException e) {
      return false; // same name, another key: a predecessor, or an impostor
    } catch (GeneralSecurityException e) {
      return false; // an algorithm or encoding that this platform does not accept
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
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      boolean forClients = purposes != null && purposes.contains(CLIENT_AUTH);
      boolean[] usage = certificate.getKeyUsage();
      boolean signs = usage == null || usage[DIGITAL_SIGNATURE];
      boolean known = KNOWN_CRITICAL.containsAll(criticalOf(certificate));
      if (forClients && signs && known && certificate.getBasicConstraints() < 0) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // an unreadable extension: refused below like a missing one
    }
    throw new RefusedException(
        Reason.CERTIFICATE_PURPOSE_WRONG,
        describe(certificate) + " is not for client authentication (extended key usage clientAuth)",
        "present the device or operator certificate, not a server's or an authority's");
  }

  /**
   * keyUsage, basicConstraints, extendedKeyUsage, subjectAltName: an unknown critical one fails.
   */
  private static final Set<String> KNOWN_CRITICAL =
      Set.of("2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.17");

  private static Set<String> criticalOf(X509Certificate certificate) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    return critical == null ? Set.of() : critical;
  }

  private static String describe(X509Certificate certificate) {
    return "certificate "
        + Quoted.of(certificate.getSubjectX500Principal().getName())
        + " serial "
        + certificate.getSerialNumber().toString(16).toUpperCase(java.util.Locale.ROOT);
  }
}
