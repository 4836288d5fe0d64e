package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The mark of the Infineon library's keys (CVE-2017-15361). Its primes are k·M + (65537^a mod M)
 * with M the product of the first primes, so that the modulus too is a power of 65537 modulo each
 * of them (Nemec et al., CCS 2017, §2). Of other keys, fewer than one in a hundred million is.
 */
final class Roca {

  private static final int GENERATOR = 65_537;

  /** M of the smallest keys; that of longer keys is a multiple of it. */
  private static final int LARGEST_PRIME = 167;

  /** A prime, and the powers of the generator modulo it. */
  private record Mark(BigInteger prime, BitSet powers) {}

  private static final List<Mark> MARKS = marks();
  private static final BigInteger PRODUCT =
      MARKS.stream().map(Mark::prime).reduce(BigInteger.ONE, BigInteger::multiply);

  private Roca() {}

  static void check(KeyGate.Rsa key) {
    BigInteger rest = key.modulus().mod(PRODUCT); // once on the long number, then on a short one
    for (Mark mark : MARKS) {
      if (!mark.powers().get(rest.mod(mark.prime()).intValue())) {
        return;
      }
    }
    throw new RefusedException(
        Reason.KEY_ROCA,
        "the RSA key bears the mark of CVE-2017-15361 (ROCA): its private key can be computed",
        "update the firmware of the Infineon chip that made it, or make an EC P-256 key");
  }

  private static List<Mark> marks() {
    List<Mark> marks = new ArrayList<>();
    for (int prime = 3; prime <= LARGEST_PRIME; prime += 2) {
      if (!BigInteger.valueOf(prime).isProbablePrime(20)) {
        continue;
      }
      BitSet powers = new BitSet(prime);
      for (int power = 1; !powers.get(power); power = (int) ((long) power * GENERATOR % prime)) {
        powers.set(power);
      }
      if (powers.cardinality() < prime - 1) { // else it tells nothing
        marks.add(new Mark(BigInteger.valueOf(prime), powers));
      }
    }
    return List.copyOf(marks);
  }
}
