package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.KeyKind;
import java.security.PublicKey;
import java.util.Optional;

/** Whether a key is of a good kind, and whose it is. */
final class KeyFindings {

  private final Records records;

  KeyFindings(Records records) {
    this.records = records;
  }

  Finding kind(PublicKey key) {
    try {
      return Finding.good("key", "kind " + KeyKind.of(key).name().replace('_', '-'));
    } catch (RefusedException e) {
      return Finding.bad("key", e);
    }
  }

  Finding owner(Fingerprint fingerprint, Optional<DeviceId> expected) {
    Optional<Records.Key> known = records.key(fingerprint.hex());
    if (known.isEmpty()) {
      return Finding.good("key", fingerprint + " is nobody's yet");
    }
    String owner = known.get().deviceId();
    if (known.get().revoked() != null) {
      return Finding.bad(
          "key",
          fingerprint
              + (owner == null ? "" : " of " + owner)
              + " was revoked at "
              + known.get().revoked(),
          "make a new key and a new request");
    }
    boolean other = expected.isPresent() && !expected.get().value().equals(owner);
    return other
        ? Finding.bad(
            "key",
            fingerprint + " belongs to device " + owner,
            "make a key of its own for device " + expected.get())
        : Finding.good("key", fingerprint + " belongs to device " + owner);
  }
}
