package io.guardbee.service.lint;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jspecify.annotations.Nullable;

/** A certificate but for its signature, beside that of the authority which is to sign it. */
record Draft(TBSCertificate certificate, Certificate issuer) {

  @Nullable Extension extension(ASN1ObjectIdentifier type) {
    Extensions all = certificate.getExtensions();
    return all == null ? null : all.getExtension(type);
  }

  /** The extension's value, or null when it is not there. */
  <T> @Nullable T value(ASN1ObjectIdentifier type, Function<ASN1Encodable, T> reader) {
    Extension extension = extension(type);
    return extension == null ? null : reader.apply(extension.getParsedValue());
  }

  /** Whether it is there, and critical or not as wanted. */
  boolean has(ASN1ObjectIdentifier type, boolean critical) {
    Extension extension = extension(type);
    return extension != null && extension.isCritical() == critical;
  }

  List<KeyPurposeId> purposes() {
    ExtendedKeyUsage usage = value(Extension.extendedKeyUsage, ExtendedKeyUsage::getInstance);
    return usage == null ? List.of() : List.of(usage.getUsages());
  }

  /** Whether it answers for an authority about the status of certificates (RFC 6960 §4.2.2.2). */
  boolean isResponder() {
    return purposes().contains(KeyPurposeId.id_kp_OCSPSigning);
  }

  /** Method (1) of RFC 5280 §4.2.1.2. */
  static byte[] keyIdentifier(SubjectPublicKeyInfo key) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(key.getPublicKeyData().getBytes());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
