package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An authority together with those that vouch for it, found good once for all handshakes to come:
 * fit to sign certificates of clients, with path lengths to spare (RFC 5280 §6.1). Validity is
 * another matter: it is asked at each use.
 *
 * @param above who signed the authority, who signed that one, and so on to the anchor; empty when
 *     the authority is its own anchor
 */
public record AuthorityPath(X509Certificate authority, List<X509Certificate> above) {

  private static final int MOST_ABOVE = 5;
  private static final int KEY_CERT_SIGN = 5;
  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final String NAME_CONSTRAINTS = "2.5.29.30";

  /** Those that are checked here, and nameConstraints, subjectAltName, certificatePolicies. */
  private static final Set<String> KNOWN_CRITICAL =
      Set.of("2.5.29.15", "2.5.29.19", "2.5.29.37", NAME_CONSTRAINTS, "2.5.29.17", "2.5.29.32");

  /**
   * Checks all that does not change with time and needs no signature.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_PURPOSE_WRONG}, {@link
   *     Reason#CERTIFICATE_WEAK} or {@link Reason#CERTIFICATE_MALFORMED} naming the authority
   */
  public AuthorityPath {
    above = List.copyOf(above);
    checkAuthority(authority, 0);
    for (int i = 0; i < above.size(); i++) {
      checkAuthority(above.get(i), i + 1);
    }
  }

  /**
   * Finds the way from an authority to an anchor, over others if need be.
   *
   * @param others certificates of authorities that may stand between, in any order
   * @param now clocks are set, so an authority that has ended or not begun is judged by the time
   *     within its own validity that is nearest
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when there is none, and what the
   *     constructor says
   */
  public static AuthorityPath find(
      X509Certificate authority,
      Collection<X509Certificate> others,
      Collection<X509Certificate> anchors,
      Instant now) {
    if (anchors.contains(authority)) {
      return new AuthorityPath(authority, List.of());
    }
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(authority);
      Set<TrustAnchor> trusted =
          anchors.stream().map(one -> new TrustAnchor(one, null)).collect(Collectors.toSet());
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(trusted, target);
      parameters.setRevocationEnabled(false); // authorities are retired by telling others
      parameters.setMaxPathLength(MOST_ABOVE);
      parameters.setDate(Date.from(nearest(authority, now)));
      Set<X509Certificate> all = new HashSet<>(others);
      all.add(authority);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(all)));
      var found = (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
      List<X509Certificate> above = new ArrayList<>();
      found.getCertPath().getCertificates().stream()
          .skip(1)
          .forEach(certificate -> above.add((X509Certificate) certificate));
      above.add(found.getTrustAnchor().getTrustedCert());
      return new AuthorityPath(authority, above);
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          LeafChecks.describe(authority) + " leads to no trusted root: " + causeOf(e),
          "give an authority that a trusted root has signed");
    }
  }

  private static String causeOf(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return Quoted.failure(cause);
  }

  private static Instant nearest(X509Certificate authority, Instant now) {
    Instant from = authority.getNotBefore().toInstant();
    Instant until = authority.getNotAfter().toInstant();
    return now.isBefore(from) ? from : now.isAfter(until) ? until : now;
  }

  /** The certificate that everything ends at. */
  public X509Certificate anchor() {
    return above.isEmpty() ? authority : above.get(above.size() - 1);
  }

  /** What must be within its validity for the authority to vouch: all but the anchor above. */
  List<X509Certificate> mustBeValid() {
    List<X509Certificate> all = new ArrayList<>(List.of(authority));
    all.addAll(above.subList(0, Math.max(0, above.size() - 1)));
    return all;
  }

  /** Whether anybody on the way says which names the authority may certify (RFC 5280 §4.2.1.10). */
  public boolean limitsNames() {
    return hasNameConstraints(authority)
        || above.stream().anyMatch(AuthorityPath::hasNameConstraints);
  }

  private static boolean hasNameConstraints(X509Certificate certificate) {
    return certificate.getExtensionValue(NAME_CONSTRAINTS) != null;
  }

  /** RFC 5280 §6.1.4 (k) to (n). */
  private static void checkAuthority(X509Certificate certificate, int authoritiesBelow) {
    boolean[] usage = certificate.getKeyUsage();
    if (certificate.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
      throw unfit(certificate, "is not an authority's (basicConstraints CA, keyUsage keyCertSign)");
    }
    if (certificate.getBasicConstraints() < authoritiesBelow) {
      throw unfit(
          certificate,
          "allows a path length of "
              + certificate.getBasicConstraints()
              + ", and "
              + authoritiesBelow
              + " authorities stand below it");
    }
    checkExtensions(certificate);
    if (!certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal())) {
      LeafChecks.checkSignatureAlgorithm(certificate); // a root's own signature says nothing
    }
    LeafChecks.checkKey(certificate);
  }

  private static void checkExtensions(X509Certificate certificate) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    Set<String> unknown = new TreeSet<>(critical == null ? Set.of() : critical);
    unknown.removeAll(KNOWN_CRITICAL);
    if (!unknown.isEmpty()) {
      throw unfit(certificate, "has critical extensions that are not understood: " + unknown);
    }
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      if (purposes != null
          && !purposes.contains(TrustedIssuers.CLIENT_AUTH)
          && !purposes.contains(ANY_PURPOSE)) {
        throw unfit(certificate, "is limited to other purposes than clientAuth: " + purposes);
      }
    } catch (GeneralSecurityException e) {
      throw unfit(certificate, "has an extended key usage that does not read");
    }
  }

  private static RefusedException unfit(X509Certificate certificate, String why) {
    return new RefusedException(
        Reason.CERTIFICATE_PURPOSE_WRONG,
        LeafChecks.describe(certificate) + " " + why,
        "name an authority that may certify clients");
  }
}
