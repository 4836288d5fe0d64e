package io.guardbee.service.profile;

import java.time.Duration;
import java.util.List;

/**
 * How certificates of one kind are issued.
 *
 * @param name the OU of their subjects
 * @param issuer role of the authority that signs them
 * @param purposes extended key usages
 */
public record Profile(String name, String issuer, Duration validity, List<Purpose> purposes) {

  /** Extended key usages (RFC 5280 §4.2.1.12). */
  public enum Purpose {
    CLIENT,
    SERVER
  }

  public Profile {
    purposes = List.copyOf(purposes);
  }
}
