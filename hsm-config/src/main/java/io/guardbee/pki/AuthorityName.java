package io.guardbee.pki;

import java.util.Locale;

/**
 * The common names of the certificate authorities. The root signs these names in ceremonies, and
 * the authorities below it sign no further authority (pathLenConstraint 0): an authority cannot
 * issue under the name of another.
 */
public final class AuthorityName {

  private AuthorityName() {}

  /**
   * The CN of the authority that fills a role.
   *
   * @param role such as {@code operations}
   * @return such as {@code Guardbee Operations CA}
   */
  public static String commonName(String role) {
    String title = role.substring(0, 1).toUpperCase(Locale.ROOT) + role.substring(1);
    return "Guardbee " + title + " CA";
  }
}
