package io.guardbee.service.authority;

import io.guardbee.service.config.Config;
import java.util.Optional;

/**
 * Where everybody finds what is needed to judge an authority's certificates; written into each of
 * them, for as long as they live.
 *
 * @param address such as {@code http://pki.acme.example}, without a slash at its end
 */
public record Publication(String address) {

  public Publication {
    address = address.replaceAll("/+$", "");
  }

  /** As {@code revocation.address} says, else the plain HTTP listener at its first name. */
  public static Publication of(Config config) {
    String configured = config.revocation().address();
    if (!configured.isBlank()) {
      return new Publication(configured);
    }
    String name = config.listen().names().stream().findFirst().orElse("localhost");
    String host = name.contains(":") ? "[" + name + "]" : name;
    return new Publication("http://" + host + ":" + config.listen().http());
  }

  /**
   * The same for the certificates of a ceremony, which live for years; empty when only the start of
   * a service will tell which port is free.
   */
  public static Optional<Publication> lasting(Config config) {
    boolean known = !config.revocation().address().isBlank() || config.listen().http() > 0;
    return known ? Optional.of(of(config)) : Optional.empty();
  }

  /** The root's list of revoked authorities (RFC 5280 §4.2.1.13). */
  public String rootList() {
    return address + listPath("root");
  }

  /** The list of revoked certificates (RFC 5280 §4.2.1.13). */
  public String listOf(Authority authority) {
    return address + listPath(authority.name());
  }

  /** The authority's own certificate (RFC 5280 §4.2.2.1, id-ad-caIssuers). */
  public String certificateOf(Authority authority) {
    return address + certificatePath(authority.name());
  }

  /** Whom to ask about one certificate (RFC 5280 §4.2.2.1, id-ad-ocsp). */
  public String responder() {
    return address + "/ocsp";
  }

  /**
   * Where on this service the list is.
   *
   * @param name an authority's, or a role for the authority that signs now
   */
  public static String listPath(String name) {
    return "/crl/" + name + ".crl";
  }

  /** Where on this service an authority's certificate is. */
  public static String certificatePath(String name) {
    return "/ca/" + name + ".cer";
  }
}
