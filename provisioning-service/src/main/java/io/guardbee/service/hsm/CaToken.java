package io.guardbee.service.hsm;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;

/** The token of the authorities' keys. */
public final class CaToken {

  private static final String LABEL = "guardbee-ca";

  private CaToken() {}

  /** The configured token, else the embedded SoftHSM's, which is made when it is not there. */
  public static Pkcs11Uri uri(Home home, Config config) {
    String configured = config.hsm().uri();
    return configured.isBlank() ? SoftHsm.prepare(home.hsm(), LABEL) : Pkcs11Uri.parse(configured);
  }
}
