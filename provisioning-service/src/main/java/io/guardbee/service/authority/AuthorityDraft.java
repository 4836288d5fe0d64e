package io.guardbee.service.authority;

import io.guardbee.hsm.key.TokenKey;
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
import org.bouncycastle.asn1.x509.Extension;
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

  private final String organization;
  private final SecureRandom random;
  private final Clock clock;

  AuthorityDraft(String organization, SecureRandom random, Clock clock) {
    this.organization = organization;
    this.random = random;
    this.clock = clock;
  }

  X509Certificate root(TokenKey key) {
    X500Principal name = name("Guardbee Root CA");
    X509v3CertificateBuilder draft =
        draft(name, name, key.publicKey(), key.publicKey(), ROOT_VALIDITY, ROOT_PATH_LENGTH);
    return Authority.signed("root", draft, key.privateKey());
  }

  X509Certificate below(Authority root, String role, TokenKey key) {
    return root.sign(
        draft(
            root.certificate().getSubjectX500Principal(),
            name("Guardbee " + Character.toUpperCase(role.charAt(0)) + role.substring(1) + " CA"),
            key.publicKey(),
            root.certificate().getPublicKey(),
            BELOW_VALIDITY,
            BELOW_PATH_LENGTH));
  }

  private X500Principal name(String commonName) {
    String tail =
        organization.isBlank() ? "" : ",O=" + javax.naming.ldap.Rdn.escapeValue(organization);
    return new X500Principal("CN=" + commonName + tail);
  }

  private X509v3CertificateBuilder draft(
      X500Principal issuer,
      X500Principal subject,
      PublicKey key,
      PublicKey signer,
      Period validity,
      int pathLength) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    X509v3CertificateBuilder draft =
        new JcaX509v3CertificateBuilder(
            issuer,
            Serial.random(random).value(),
            Date.from(now),
            Date.from(now.atOffset(ZoneOffset.UTC).plus(validity).toInstant()),
            subject,
            key);
    try {
      JcaX509ExtensionUtils keys = new JcaX509ExtensionUtils();
      return draft
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(key))
          .addExtension(
              Extension.authorityKeyIdentifier, false, keys.createAuthorityKeyIdentifier(signer));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("extensions of an authority encode", e);
    }
  }
}
