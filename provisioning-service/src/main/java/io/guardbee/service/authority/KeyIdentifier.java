package io.guardbee.service.authority;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/**
 * By what certificates name the key that signed them (RFC 5280 §4.2.1.1).
 *
 * @param value the subjectKeyIdentifier of the authority's certificate
 */
public record KeyIdentifier(SubjectKeyIdentifier value) {

  static KeyIdentifier of(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    try {
      return new KeyIdentifier(
          extension == null
              ? new JcaX509ExtensionUtils().createSubjectKeyIdentifier(certificate.getPublicKey())
              : SubjectKeyIdentifier.getInstance(
                  JcaX509ExtensionUtils.parseExtensionValue(
                      ASN1OctetString.getInstance(extension).getEncoded())));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("an authority's certificate reads", e);
    }
  }

  public byte[] octets() {
    return value.getKeyIdentifier();
  }

  /** In hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets());
  }
}
