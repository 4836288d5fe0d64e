package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The checks of a client's certificate that need no authority: each throws what it finds. */
final class LeafChecks {

  private static final int DIGITAL_SIGNATURE = 0;
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_OCTETS = 8192;
  private static final int MOST_ALTERNATIVE_NAMES = 100;

  /** keyUsage, basicConstraints, extendedKeyUsage, subjectAltName. */
  private static final Set<String> KNOWN_CRITICAL =
      Set.of("2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.17");

  private LeafChecks() {}

  /** All that does not change with time. */
  static void check(X509Certificate certificate, byte[] encoded) {
    checkForm(certificate, encoded);
    checkSignatureAlgorithm(certificate);
    checkKey(certificate);
    checkPurpose(certificate);
  }

  static void checkValidity(X509Certificate certificate, Instant now) {
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

  private static void checkForm(X509Certificate certificate, byte[] encoded) {
    if (encoded.length > MOST_OCTETS) {
      throw malformed(
          certificate, "is " + encoded.length + " octets long, more than " + MOST_OCTETS);
    }
    var serial = certificate.getSerialNumber();
    if (serial.signum() <= 0 || serial.toByteArray().length > Serial.MAX_OCTETS) {
      // RFC 5280 §4.1.2.2
      throw malformed(certificate, "has a serial number that is not positive or beyond 20 octets");
    }
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names != null && names.size() > MOST_ALTERNATIVE_NAMES) {
        throw malformed(
            certificate,
            "has " + names.size() + " alternative names, more than " + MOST_ALTERNATIVE_NAMES);
      }
    } catch (CertificateParsingException e) {
      throw malformed(certificate, "has alternative names that do not read");
    }
  }

  private static RefusedException malformed(X509Certificate certificate, String why) {
    return new RefusedException(
        Reason.CERTIFICATE_MALFORMED,
        describe(certificate) + " " + why,
        "present a certificate that Guardbee issued");
  }

  /** MD2, MD5 and SHA-1 let others forge what an authority never signed. */
  static void checkSignatureAlgorithm(X509Certificate certificate) {
    String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    if (name.startsWith("MD") || name.startsWith("SHA1")) {
      throw weak(certificate, "is signed with " + certificate.getSigAlgName());
    }
  }

  static void checkKey(X509Certificate certificate) {
    if (certificate.getPublicKey() instanceof RSAKey rsa
        && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
      throw weak(
          certificate,
          "has an RSA key of "
              + rsa.getModulus().bitLength()
              + " bits, fewer than "
              + LEAST_RSA_BITS);
    }
  }

  private static RefusedException weak(X509Certificate certificate, String why) {
    return new RefusedException(
        Reason.CERTIFICATE_WEAK,
        describe(certificate) + " " + why,
        "enrol with a P-256 key and a certificate that is signed with SHA-256");
  }

  private static void checkPurpose(X509Certificate certificate) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    Set<String> unknown = new TreeSet<>(critical == null ? Set.of() : critical);
    unknown.removeAll(KNOWN_CRITICAL);
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
          && purposes.contains(TrustedIssuers.CLIENT_AUTH)
          && (usage == null || usage[DIGITAL_SIGNATURE]);
    } catch (GeneralSecurityException e) {
      return false; // an unreadable extension counts as a missing one
    }
  }

  static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateException e) {
      throw malformed(certificate, "cannot be encoded");
    }
  }

  static String describe(X509Certificate certificate) {
    return "certificate "
        + Quoted.of(certificate.getSubjectX500Principal().getName())
        + " serial "
        + shortened(certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT));
  }

  private static String shortened(String serial) {
    int longest = 2 * Serial.MAX_OCTETS + 2;
    return serial.length() <= longest ? serial : serial.substring(0, longest) + "…";
  }
}
