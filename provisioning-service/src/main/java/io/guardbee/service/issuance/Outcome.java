package io.guardbee.service.issuance;

import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;

/** What became of an application. */
public sealed interface Outcome {

  /**
   * It has its certificate.
   *
   * @param again whether the same request got it before
   */
  record Issued(X509Certificate certificate, boolean again) implements Outcome {}

  /** It has none, and nothing has changed. */
  record Refused(RefusedException cause) implements Outcome {}

  /** The certificate, or the refusal thrown. */
  default X509Certificate certificate() {
    if (this instanceof Issued issued) {
      return issued.certificate();
    }
    throw ((Refused) this).cause();
  }
}
