package io.guardbee.pki.ceremony;

import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/**
 * The root's list of revoked authorities (RFC 5280 §5), verified. It counts as long as no newer one
 * is known, also after its nextUpdate: what was revoked stays revoked.
 *
 * @param number grows with each list of a root
 */
record RevokedAuthorities(long number, X509CRL list) {

  private static final String LABEL = "X509 CRL"; // RFC 7468 §6
  private static final String CRL_NUMBER = "2.5.29.20";
  private static final int OCTET_STRING = 4;
  private static final int INTEGER = 2;
  private static final int HEADERS = 4;

  /**
   * Reads and verifies.
   *
   * @throws RefusedException {@link io.guardbee.pki.Reason#CERTIFICATE_UNTRUSTED}
   */
  static RevokedAuthorities verify(X509Certificate root, String pem) {
    try {
      byte[] der = Pem.der(LABEL, pem);
      X509CRL list =
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
      list.verify(root.getPublicKey());
      return new RevokedAuthorities(number(list), list);
    } catch (GeneralSecurityException | ArithmeticException e) {
      throw AuthorityRecord.refused("the list of revoked authorities is not one of the root");
    }
  }

  /** RFC 5280 §5.2.3: an INTEGER of at most 20 octets, so that lengths take one octet. */
  private static long number(X509CRL list) {
    byte[] value = list.getExtensionValue(CRL_NUMBER);
    if (value == null) {
      return 0;
    }
    boolean reads =
        value.length > HEADERS
            && value[0] == OCTET_STRING
            && value[1] == value.length - 2
            && value[2] == INTEGER
            && value[3] == value.length - HEADERS;
    if (!reads) {
      throw new ArithmeticException("the CRL number does not read");
    }
    return new BigInteger(Arrays.copyOfRange(value, HEADERS, value.length)).longValueExact();
  }

  boolean holds(X509Certificate authority) {
    return authority.getIssuerX500Principal().equals(list.getIssuerX500Principal())
        && list.getRevokedCertificate(authority.getSerialNumber()) != null;
  }
}
