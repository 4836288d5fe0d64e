package io.guardbee.service.issuance;

import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;

/** What the ledger says of one application, before anything is signed. */
sealed interface Verdict {

  /** Serial, key and right are taken: it may be signed. */
  record Go(Reserved reserved) implements Verdict {}

  /** The same request got this certificate before. */
  record Before(X509Certificate certificate) implements Verdict {}

  record No(RefusedException cause) implements Verdict {}
}
