package io.guardbee.service.issuance;

import java.util.List;

/**
 * A certificate whose serial, key and entitlement are taken in the database. Only {@link
 * CertificateLedger} makes one, and a signature can be had for nothing else.
 */
final class Reserved {

  private final ToBeSigned toBeSigned;
  private final List<String> displaced;

  /**
   * @param displaced serials of the device's certificates that end with this one's issue
   */
  Reserved(ToBeSigned toBeSigned, List<String> displaced) {
    this.toBeSigned = toBeSigned;
    this.displaced = List.copyOf(displaced);
  }

  ToBeSigned toBeSigned() {
    return toBeSigned;
  }

  List<String> displaced() {
    return displaced;
  }
}
