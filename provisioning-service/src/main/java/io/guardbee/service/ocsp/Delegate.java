package io.guardbee.service.ocsp;

import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Who signs answers in an authority's name: its certificate and key. Immutable. */
record Delegate(X509CertificateHolder certificate, PrivateKey key) {

  Instant until() {
    return certificate.getNotAfter().toInstant();
  }

  /** In the last half of its life it is to be followed by another. */
  boolean isDue(Instant now) {
    Instant from = certificate.getNotBefore().toInstant();
    return !now.isBefore(from.plus(Duration.between(from, until()).dividedBy(2)));
  }

  ContentSigner signer() {
    try {
      return new JcaContentSignerBuilder("SHA256withECDSA").build(key);
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("a P-256 key that we made signs", e);
    }
  }
}
