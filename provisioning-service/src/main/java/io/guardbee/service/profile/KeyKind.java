package io.guardbee.service.profile;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.PublicKey;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The kinds of public keys that a certificate may hold. */
public enum KeyKind {
  EC_P256,
  EC_P384,
  ED25519,
  RSA;

  /**
   * The kind of a key that is known to be good.
   *
   * @throws RefusedException {@link Reason#KEY_UNSUPPORTED}
   */
  public static KeyKind of(PublicKey key) {
    return of(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
  }

  /**
   * What a key says it is; its numbers are not looked at.
   *
   * @throws RefusedException {@link Reason#KEY_UNSUPPORTED}, also for a curve that is written out
   *     instead of named (RFC 5480 §2.1.1)
   */
  public static KeyKind of(SubjectPublicKeyInfo key) {
    AlgorithmIdentifier algorithm = key.getAlgorithm();
    ASN1ObjectIdentifier oid = algorithm.getAlgorithm();
    if (oid.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return ofCurve(algorithm.getParameters());
    }
    if (oid.equals(EdECObjectIdentifiers.id_Ed25519)) {
      if (algorithm.getParameters() != null) { // RFC 8410 §3
        throw unsupported("Ed25519 with parameters");
      }
      return ED25519;
    }
    if (oid.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return RSA;
    }
    throw unsupported("of algorithm " + oid);
  }

  private static KeyKind ofCurve(ASN1Encodable parameters) {
    if (!(parameters instanceof ASN1ObjectIdentifier curve)) {
      throw unsupported("EC with explicit parameters, or none, in place of a named curve");
    }
    if (curve.equals(X9ObjectIdentifiers.prime256v1)) {
      return EC_P256;
    }
    if (curve.equals(SECObjectIdentifiers.secp384r1)) {
      return EC_P384;
    }
    throw unsupported("EC of curve " + curve);
  }

  private static RefusedException unsupported(String what) {
    return new RefusedException(
        Reason.KEY_UNSUPPORTED,
        "key " + what + " is not supported",
        "make a key of EC P-256 (openssl ecparam -name prime256v1 -genkey), EC P-384, Ed25519 or RSA");
  }
}
