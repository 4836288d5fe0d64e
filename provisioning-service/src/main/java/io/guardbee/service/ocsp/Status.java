package io.guardbee.service.ocsp;

import io.guardbee.service.revocation.RevocationReason;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ocsp.RevokedInfo;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.jspecify.annotations.Nullable;

/** What is to be said of a certificate (RFC 6960 §2.2). */
sealed interface Status {

  /** As the answer writes it; null is good. */
  @Nullable CertificateStatus encoded();

  /** Issued and not revoked. */
  record Good() implements Status {
    @Override
    public @Nullable CertificateStatus encoded() {
      return CertificateStatus.GOOD;
    }
  }

  /** Withdrawn, for good or for a time. */
  record Revoked(Instant at, RevocationReason reason) implements Status {
    @Override
    public CertificateStatus encoded() {
      // RFC 5280 §5.3.1: absent rather than unspecified
      CRLReason code =
          reason == RevocationReason.UNSPECIFIED ? null : CRLReason.lookup(reason.number());
      return new RevokedStatus(new RevokedInfo(new ASN1GeneralizedTime(Date.from(at)), code));
    }
  }

  /** Never issued by that key. */
  record Unknown() implements Status {
    @Override
    public CertificateStatus encoded() {
      return new UnknownStatus();
    }
  }
}
