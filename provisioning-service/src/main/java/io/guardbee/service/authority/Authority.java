package io.guardbee.service.authority;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority's certificate, and its key in the module. Thread-safe.
 *
 * @param role such as {@code issuing}
 */
public record Authority(String role, X509Certificate certificate, PrivateKey key) {

  /**
   * Signs in the module.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED}
   */
  public X509Certificate sign(X509v3CertificateBuilder toBeSigned) {
    return signed(role, toBeSigned, key);
  }

  static X509Certificate signed(String role, X509v3CertificateBuilder toBeSigned, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              toBeSigned.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | RuntimeOperatorException | GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the PKCS#11 module did not sign with the " + role + " key",
          "see the service's log and the module, then try again: nothing was issued");
    }
  }
}
