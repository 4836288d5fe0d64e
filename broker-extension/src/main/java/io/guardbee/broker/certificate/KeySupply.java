package io.guardbee.broker.certificate;

import io.guardbee.pki.Credential;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Optional;

/** Where the listeners' keys come from. Used by one thread at a time. */
sealed interface KeySupply permits KeyOnDisk, KeyInModule {

  /** Where that is, for the log. */
  String place();

  /** The key pair for the next certificate. */
  KeyPair next();

  /** What to present while the service gives no certificate. */
  Optional<Credential> meanwhile(Instant now);

  /** A certificate has been issued for the last key. */
  void certified(Credential issued) throws IOException;
}
