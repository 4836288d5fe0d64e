package io.guardbee.service.est;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;

/** EST bodies: base64 of DER, in and out (RFC 8951 §3). */
final class EstMessage {

  private EstMessage() {}

  /**
   * The DER of a request body: base64 wrapped or not, with line breaks of any kind, PEM armour or
   * none; Content-Transfer-Encoding is ignored (RFC 8951 §3.1).
   *
   * @param body octet by octet, ISO 8859-1
   * @throws RefusedException {@link Reason#CSR_MALFORMED}
   */
  static byte[] decode(String body) {
    StringBuilder base64 = new StringBuilder(body.length());
    body.lines()
        .filter(line -> !line.startsWith("-----"))
        .forEach(line -> base64.append(line.strip()));
    try {
      return Base64.getDecoder().decode(base64.toString().replaceAll("[ \\t]", ""));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Reason.CSR_MALFORMED,
          "the body of " + body.length() + " bytes is not base64",
          "send the PKCS#10 request as base64 of its DER, with content type application/pkcs10");
    }
  }

  /** A certs-only CMS message (RFC 7030 §4.1.3, RFC 5272 §4.1). */
  static byte[] certificates(List<X509Certificate> certificates) {
    try {
      CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
      generator.addCertificates(new JcaCertStore(certificates));
      return generator.generate(new CMSAbsentContent()).getEncoded("DER");
    } catch (CMSException | CertificateEncodingException | IOException e) {
      throw new IllegalStateException("certificates that we issued encode", e);
    }
  }

  /**
   * Base64 as the clients of a profile read it: OpenSSL's reader needs line breaks, others take
   * none.
   *
   * @param lineLength 0 for one line
   */
  static String encode(byte[] der, int lineLength) {
    if (lineLength == 0) { // strongSwan's reader takes not even one at the end
      return Base64.getEncoder().encodeToString(der);
    }
    byte[] lines = Base64.getMimeEncoder(lineLength, new byte[] {'\n'}).encode(der);
    return new String(lines, StandardCharsets.US_ASCII) + "\n";
  }
}
