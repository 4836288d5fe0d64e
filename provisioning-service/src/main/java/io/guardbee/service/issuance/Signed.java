package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authority;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;

/** A certificate signed by its authority and verified against it; not yet handed out. */
final class Signed {

  private final Reserved reserved;
  private final X509Certificate certificate;

  /**
   * Signs in the module and verifies what came back: a faulty module must not put a broken
   * certificate into the world.
   */
  Signed(Reserved reserved, Authority authority) {
    this.reserved = reserved;
    this.certificate = authority.sign(reserved.toBeSigned().linted());
    try {
      certificate.verify(authority.certificate().getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the module's signature for serial " + reserved.toBeSigned().serial() + " is not valid",
          "check the module with guardbee hsm check");
    }
  }

  Reserved reserved() {
    return reserved;
  }

  X509Certificate certificate() {
    return certificate;
  }
}
