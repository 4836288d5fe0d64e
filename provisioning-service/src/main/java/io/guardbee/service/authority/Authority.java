package io.guardbee.service.authority;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.cert.X509v3CertificateBuilder;

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
    return new Signer(role, certificate.getPublicKey(), key).certify(toBeSigned);
  }
}
