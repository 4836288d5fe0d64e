package io.guardbee.service.grant;

import io.guardbee.service.request.CertificateRequest;

/** A right that has been shown and found good; for whom it is asked, the request may still say. */
@FunctionalInterface
public interface Invitation {

  /**
   * Lets in for that request.
   *
   * @throws io.guardbee.pki.RefusedException when the request asks for a name that was not granted
   */
  Admission admit(CertificateRequest request);
}
