package io.guardbee.service.issuance;

/**
 * A certificate whose serial, key and entitlement are taken in the database. Only {@link
 * CertificateLedger} makes one, and a signature can be had for nothing else.
 */
final class Reserved {

  private final ToBeSigned toBeSigned;

  Reserved(ToBeSigned toBeSigned) {
    this.toBeSigned = toBeSigned;
  }

  ToBeSigned toBeSigned() {
    return toBeSigned;
  }
}
