package io.guardbee.agent.key;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.util.Optional;

/** A place that can hold a device's key. Nothing is opened before it is asked for. */
public sealed interface KeyPlace permits TokenKeyPlace, FileKeyPlace {

  /**
   * Reads the place from text.
   *
   * @param text {@code pkcs11:…} (RFC 7512) or {@code file:PATH}
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is neither
   */
  static KeyPlace parse(String text) {
    if (text.startsWith("pkcs11:")) {
      return new TokenKeyPlace(Pkcs11Uri.parse(text));
    }
    if (text.startsWith("file:") && text.length() > "file:".length()) {
      return new FileKeyPlace(Path.of(text.substring("file:".length())).toAbsolutePath());
    }
    throw new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "key " + Quoted.of(text) + " names neither a PKCS#11 key nor a file",
        "write pkcs11:token=…;object=…?module-path=…&pin-source=file:… or file:PATH");
  }

  /** The SoftHSM token of the agent's own, made when it is not there yet. */
  static KeyPlace ownToken(Path home) {
    return new TokenKeyPlace(SoftHsm.prepare(home.resolve("agent").resolve("hsm"), TOKEN));
  }

  /** The label of the agent's own token. */
  String TOKEN = "guardbee-agent";

  /**
   * The key that is there.
   *
   * @param id its label in a token where the place names none
   */
  Optional<DeviceKey> find(DeviceId id);

  /**
   * The key that is there, as after an attempt that got no further; else a new one.
   *
   * @throws RefusedException when the place cannot hold or use it
   */
  DeviceKey findOrMake(DeviceId id);

  /**
   * The key that must be there.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when it is not
   */
  default DeviceKey require(DeviceId id) {
    return find(id)
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.KEY_MISSING,
                    "the key of " + id + " is not in " + this,
                    "restore it, or remove the device's directory and enrol again"));
  }
}
