package io.guardbee.service.grant;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The certificates that a stranger sent: the own one first, then what may lead to its issuer. */
record BirthPath(List<X509Certificate> chain) {

  private static final int LONGEST = 5;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  BirthPath {
    chain = List.copyOf(chain);
  }

  X509Certificate leaf() {
    return chain.get(0);
  }

  /**
   * Whether a path (RFC 5280 §6) leads to one of these authorities. Their own end is not looked at
   * (§6.1 takes nothing but name and key from a trust anchor): birth certificates are to outlive
   * them. A manufacturer's revocation lists are not asked for.
   */
  boolean leadsTo(List<X509Certificate> authorities, Instant now) {
    Set<TrustAnchor> anchors =
        authorities.stream()
            .map(authority -> new TrustAnchor(authority, null))
            .collect(Collectors.toSet());
    X509CertSelector wanted = new X509CertSelector();
    wanted.setCertificate(leaf());
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, wanted);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      parameters.setRevocationEnabled(false);
      parameters.setMaxPathLength(LONGEST);
      parameters.setDate(Date.from(within(now)));
      CertPathBuilder.getInstance("PKIX").build(parameters);
      return true;
    } catch (CertPathBuilderException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform validates PKIX paths", e);
    }
  }

  /** The moment of its own life nearest to now: whether it is over is told apart, below. */
  private Instant within(Instant now) {
    Instant from = leaf().getNotBefore().toInstant();
    Instant until = leaf().getNotAfter().toInstant();
    return now.isBefore(from) ? from : now.isAfter(until) ? until : now;
  }

  /**
   * Refuses one that is not good now, or not for this. An extended key usage may be missing (IEEE
   * 802.1AR §8.10 wants none); where it stands, it has to include clients.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_EXPIRED}, {@link
   *     Reason#CERTIFICATE_NOT_YET_VALID}, {@link Reason#CERTIFICATE_PURPOSE_WRONG}
   */
  void requireGood(Instant now) {
    Instant from = leaf().getNotBefore().toInstant();
    Instant until = leaf().getNotAfter().toInstant(); // 99991231235959Z: never, RFC 5280 §4.1.2.5
    if (now.isBefore(from)) {
      throw refusal(
          Reason.CERTIFICATE_NOT_YET_VALID, "is valid only from " + from, "set the clock, or wait");
    }
    if (now.isAfter(until)) {
      throw refusal(
          Reason.CERTIFICATE_EXPIRED,
          "expired at " + until,
          "ask the operator for a token: guardbee device grant ID");
    }
    if (leaf().getBasicConstraints() >= 0 || !signs() || !isForClients()) {
      throw refusal(
          Reason.CERTIFICATE_PURPOSE_WRONG,
          "is an authority's, or its key usage is not for signing as a client",
          "present the device's own birth certificate");
    }
  }

  private boolean signs() {
    boolean[] usage = leaf().getKeyUsage();
    return usage == null || usage[DIGITAL_SIGNATURE];
  }

  private boolean isForClients() {
    try {
      List<String> purposes = leaf().getExtendedKeyUsage();
      return purposes == null
          || purposes.contains(TrustedIssuers.CLIENT_AUTH)
          || purposes.contains(ANY_PURPOSE);
    } catch (GeneralSecurityException e) {
      return false; // an unreadable extension is for nothing
    }
  }

  RefusedException untrusted() {
    return refusal(
        Reason.CERTIFICATE_UNTRUSTED,
        "is issued by "
            + Quoted.of(leaf().getIssuerX500Principal().toString())
            + ", which no grant names",
        "send its intermediate certificates too; the operator lets a manufacturer in with guardbee"
            + " grant manufacturer, a shared certificate with guardbee grant claim");
  }

  private RefusedException refusal(Reason reason, String what, String fix) {
    return new RefusedException(
        reason,
        "certificate " + Quoted.of(leaf().getSubjectX500Principal().toString()) + " " + what,
        fix);
  }
}
