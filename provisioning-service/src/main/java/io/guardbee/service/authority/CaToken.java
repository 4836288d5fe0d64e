package io.guardbee.service.authority;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;

/** Where the keys of the authorities are. */
public final class CaToken {

  private static final String EMBEDDED = "guardbee-ca";

  private CaToken() {}

  /**
   * The token that {@code hsm.uri} names, else the SoftHSM of the home, made where it is missing.
   */
  public static Pkcs11Uri uri(Home home, Config config) {
    String configured = config.hsm().uri();
    return configured.isBlank()
        ? SoftHsm.prepare(home.hsm(), EMBEDDED)
        : Pkcs11Uri.parse(configured).in(home.directory());
  }
}
