package io.guardbee.service.authority;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.lint.Linted;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;

/**
 * An authority's certificate, and its key in the module. Thread-safe.
 *
 * @param role such as {@code issuing}
 */
public record Authority(String role, X509Certificate certificate, PrivateKey key) {

  /** Role and key: a role outlives its keys, and what each has signed is told apart by this. */
  public String name() {
    return name(role, certificate);
  }

  /** The same of an authority whose key may be gone. */
  public static String name(String role, X509Certificate certificate) {
    return role + "-" + KeyIdentifier.of(certificate).toString().substring(0, 16);
  }

  /** What the subjectKeyIdentifier of its certificate says. */
  public KeyIdentifier keyIdentifier() {
    return KeyIdentifier.of(certificate);
  }

  /** With what it signs. */
  public AlgorithmIdentifier algorithm() {
    return signer().algorithmIdentifier();
  }

  /**
   * Signs in the module.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED}
   */
  public X509Certificate sign(Linted toBeSigned) {
    return signer().certify(toBeSigned);
  }

  /**
   * Signs a list of revoked certificates in the module, and verifies what came back.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED}
   */
  public X509CRLHolder sign(X509v2CRLBuilder toBeSigned) {
    return signer().list(toBeSigned);
  }

  private Signer signer() {
    return new Signer(role, certificate.getPublicKey(), key);
  }
}
