package io.guardbee.service.issuance;

import java.util.List;

/**
 * A certificate whose serial, key and entitlement are taken in the database. Only {@link
 * CertificateLedger} makes one, and a signature can be had for nothing else.
 */
final class Reserved {

  private final ToBeSigned toBeSigned;
  private final Ending ending;

  /**
   * Serials of the device's certificates that end with this one's issue.
   *
   * @param displaced the oldest, where there would be too many
   * @param replaced successors of the same certificate that nobody had used
   */
  record Ending(List<String> displaced, List<String> replaced) {
    static final Ending NOTHING = new Ending(List.of(), List.of());

    Ending {
      displaced = List.copyOf(displaced);
      replaced = List.copyOf(replaced);
    }
  }

  Reserved(ToBeSigned toBeSigned, Ending ending) {
    this.toBeSigned = toBeSigned;
    this.ending = ending;
  }

  ToBeSigned toBeSigned() {
    return toBeSigned;
  }

  Ending ending() {
    return ending;
  }
}
