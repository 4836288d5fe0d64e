package io.guardbee.service.ocsp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPRequest;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.Req;
import org.jspecify.annotations.Nullable;

/**
 * An OCSPRequest that parsed (RFC 6960 §4.1). A signature on it is not looked at: everybody may
 * ask.
 *
 * @param certificates at least one
 * @param nonce to be given back as it is
 */
record Question(List<CertificateID> certificates, @Nullable Extension nonce) {

  private static final int LARGEST = 8192;
  private static final int MOST = 16;
  private static final int LONGEST_NONCE = 128; // RFC 9654 §2.1
  private static final int INDEFINITE = 0x80;

  Question {
    certificates = List.copyOf(certificates);
  }

  /** Empty when it is malformed. */
  static Optional<Question> parse(byte[] der) {
    if (der.length < 2 || der.length > LARGEST || (der[1] & 0xff) == INDEFINITE) {
      return Optional.empty();
    }
    try {
      OCSPReq request = new OCSPReq(OCSPRequest.getInstance(ASN1Primitive.fromByteArray(der)));
      Extension nonce = request.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
      List<CertificateID> certificates = new ArrayList<>();
      for (Req one : request.getRequestList()) {
        certificates.add(one.getCertID());
      }
      boolean good =
          request.getVersionNumber() == 1
              && !certificates.isEmpty()
              && certificates.size() <= MOST
              && (nonce == null || isNonce(nonce))
              && knowsCritical(request);
      return good ? Optional.of(new Question(certificates, nonce)) : Optional.empty();
    } catch (IOException
        | RuntimeException e) { // BouncyCastle throws whatever a bad octet leads to
      return Optional.empty();
    }
  }

  private static boolean isNonce(Extension nonce) {
    int octets = ASN1OctetString.getInstance(nonce.getParsedValue()).getOctetsLength();
    return octets >= 1 && octets <= LONGEST_NONCE;
  }

  private static boolean knowsCritical(OCSPReq request) {
    for (Object type : request.getCriticalExtensionOIDs()) {
      if (!OCSPObjectIdentifiers.id_pkix_ocsp_nonce.equals(type)) {
        return false;
      }
    }
    return true;
  }
}
