package io.guardbee.pki;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Locale;

/** A certificate's serial number (RFC 5280 §4.1.2.2), unique per issuer. */
public record Serial(BigInteger value) implements Comparable<Serial> {

  /** Octets in the DER encoding, at most (RFC 5280 §4.1.2.2). */
  public static final int MAX_OCTETS = 20;

  public Serial {
    if (value.signum() <= 0 || value.toByteArray().length > MAX_OCTETS) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "serial number "
              + Quoted.of(value.toString(16))
              + " is not a positive number of 20 octets",
          "give the serial in hexadecimal, as openssl x509 -serial prints it");
    }
  }

  /** A new serial of 20 octets, 158 bits of them random. */
  public static Serial random(SecureRandom random) {
    byte[] octets = new byte[MAX_OCTETS];
    random.nextBytes(octets);
    octets[0] = (byte) ((octets[0] & 0x3f) | 0x40); // positive, and always all 20 octets
    return new Serial(new BigInteger(octets));
  }

  public static Serial of(X509Certificate certificate) {
    return new Serial(certificate.getSerialNumber());
  }

  /**
   * Reads a serial as tools print it.
   *
   * @param hex upper or lower case, as {@code openssl x509 -serial} prints it
   */
  public static Serial parse(String hex) {
    if (!hex.matches("[0-9A-Fa-f]{1,40}")) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "serial number " + Quoted.of(hex) + " is not hexadecimal",
          "give the serial as openssl x509 -serial prints it");
    }
    return new Serial(new BigInteger(hex, 16));
  }

  @Override
  public int compareTo(Serial other) {
    return value.compareTo(other.value);
  }

  /** Upper-case hexadecimal, an even number of digits, as openssl prints it. */
  @Override
  public String toString() {
    String hex = value.toString(16).toUpperCase(Locale.ROOT);
    return hex.length() % 2 == 0 ? hex : "0" + hex;
  }
}
