package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One authority in its role, ready to be asked.
 *
 * @param path null when it vouches for nobody
 * @param defect why it vouches for nobody; null when it does
 */
record Authority(
    String role,
    X509Certificate certificate,
    @Nullable AuthorityPath path,
    @Nullable RefusedException defect) {

  static Authority of(String role, AuthorityPath path) {
    return new Authority(role, path.authority(), path, null);
  }

  /** Its own anchor; nobody is vouched for when the certificate does not do. */
  static Authority anchor(String role, X509Certificate certificate) {
    try {
      return of(role, new AuthorityPath(certificate, List.of()));
    } catch (RefusedException e) {
      return new Authority(role, certificate, null, e);
    }
  }

  boolean hasSigned(X509Certificate leaf) {
    return CertificateSignature.isBy(certificate, leaf);
  }

  /** Throws why it vouches for nobody at that moment. */
  void checkValidity(Instant now) {
    if (path == null) {
      throw java.util.Objects.requireNonNull(defect);
    }
    for (X509Certificate each : path.mustBeValid()) {
      LeafChecks.checkValidity(each, now);
    }
  }

  /**
   * RFC 5280 §4.2.1.10. The platform's own validation does it, which costs a signature of every
   * step: only where there are constraints.
   */
  void checkNames(X509Certificate leaf, Instant now) {
    if (path == null || !path.limitsNames()) {
      return;
    }
    try {
      List<X509Certificate> all = new ArrayList<>(List.of(leaf, certificate));
      if (!path.above().isEmpty()) {
        all.addAll(path.above().subList(0, path.above().size() - 1));
      }
      CertPath chain = CertificateFactory.getInstance("X.509").generateCertPath(all);
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(path.anchor(), null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX").validate(chain, parameters);
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          LeafChecks.describe(leaf)
              + " has names that its authority may not certify: "
              + Quoted.failure(e),
          "enrol with a name that the authority's name constraints permit");
    }
  }
}
