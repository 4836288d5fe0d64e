package io.guardbee.hsm.cryptoki;

/**
 * What a token can do with one mechanism (CK_MECHANISM_INFO).
 *
 * @param smallestKey in the mechanism's own unit: bits for RSA and EC
 * @param largestKey the same; 0 where the module does not say
 */
public record MechanismInfo(long number, long smallestKey, long largestKey, long flags) {

  private static final long SIGNS = 0x800; // CKF_SIGN
  private static final long GENERATES_PAIRS = 0x10000; // CKF_GENERATE_KEY_PAIR

  /** The standard's name, such as {@code CKM_ECDSA}. */
  public String name() {
    return Cryptoki.mechanismName(number);
  }

  public boolean signs() {
    return (flags & SIGNS) != 0;
  }

  public boolean generatesPairs() {
    return (flags & GENERATES_PAIRS) != 0;
  }

  /** Whether a key of that many bits is within the bounds that the module tells. */
  public boolean takes(int bits) {
    // some modules count in octets, some tell nothing: refuse only what is told in bits
    return largestKey == 0 || largestKey < 160 || (smallestKey <= bits && bits <= largestKey);
  }
}
