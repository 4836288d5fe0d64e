package io.guardbee.service.ceremony;

import io.guardbee.pki.AuthorityName;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/** What the certificates of authorities say (RFC 5280 §4.2). */
final class AuthorityDraft {

  private static final Period ROOT_VALIDITY = Period.ofYears(20);
  private static final Period BELOW_VALIDITY = Period.ofYears(10);
  private static final int ROOT_PATH_LENGTH = 1;
  private static final int BELOW_PATH_LENGTH = 0;

  private final SecureRandom random;
  private final Clock clock;
  private final String rootList;

  /**
   * @param rootList where the root's list of revoked authorities is found; empty for nowhere
   */
  AuthorityDraft(SecureRandom random, Clock clock, String rootList) {
    this.random = random;
    this.clock = clock;
    this.rootList = rootList;
  }

  private record Issuer(X500Principal name, PublicKey key) {}

  /** The name of the authority that fills a role. */
  static X500Principal name(String role, String organization) {
    String tail =
        organization.isBlank() ? "" : ",O=" + javax.naming.ldap.Rdn.escapeValue(organization);
    return new X500Principal("CN=" + AuthorityName.commonName(role) + tail);
  }

  X509Certificate root(RootKey key, String organization) {
    Issuer self = new Issuer(name(RootKey.ROLE, organization), key.publicKey());
    X509v3CertificateBuilder draft = draft(self, self.name, self.key, now().plus(ROOT_VALIDITY));
    return key.certify(extended(draft, self.key, self, ROOT_PATH_LENGTH));
  }

  /** An authority below the root, which it does not outlive. */
  X509Certificate below(RootKey rootKey, X509Certificate root, X500Principal name, PublicKey key) {
    Issuer issuer = new Issuer(root.getSubjectX500Principal(), root.getPublicKey());
    Moment end = now().plus(BELOW_VALIDITY).orAtLatest(root.getNotAfter().toInstant());
    X509v3CertificateBuilder draft = draft(issuer, name, key, end);
    return rootKey.certify(listed(extended(draft, key, issuer, BELOW_PATH_LENGTH)));
  }

  /** RFC 5280 §4.2.1.13. */
  private X509v3CertificateBuilder listed(X509v3CertificateBuilder draft) {
    if (rootList.isEmpty()) {
      return draft;
    }
    GeneralName location = new GeneralName(GeneralName.uniformResourceIdentifier, rootList);
    DistributionPoint point =
        new DistributionPoint(new DistributionPointName(new GeneralNames(location)), null, null);
    try {
      return draft.addExtension(
          Extension.cRLDistributionPoints,
          false,
          new CRLDistPoint(new DistributionPoint[] {point}));
    } catch (IOException e) {
      throw new IllegalStateException("a distribution point encodes", e);
    }
  }

  private record Moment(Instant at) {
    Moment plus(Period period) {
      return new Moment(at.atOffset(ZoneOffset.UTC).plus(period).toInstant());
    }

    Moment orAtLatest(Instant latest) {
      return latest.isBefore(at) ? new Moment(latest) : this;
    }
  }

  private Moment now() {
    return new Moment(clock.instant().truncatedTo(ChronoUnit.SECONDS));
  }

  private X509v3CertificateBuilder draft(
      Issuer issuer, X500Principal subject, PublicKey key, Moment end) {
    return new JcaX509v3CertificateBuilder(
        issuer.name,
        Serial.random(random).value(),
        Date.from(now().at()),
        Date.from(end.at()),
        subject,
        key);
  }

  private static X509v3CertificateBuilder extended(
      X509v3CertificateBuilder draft, PublicKey key, Issuer issuer, int pathLength) {
    try {
      JcaX509ExtensionUtils keys = new JcaX509ExtensionUtils();
      return draft
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(key))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              keys.createAuthorityKeyIdentifier(issuer.key));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("extensions of an authority encode", e);
    }
  }
}
