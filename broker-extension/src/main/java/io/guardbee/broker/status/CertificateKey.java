package io.guardbee.broker.status;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;

/**
 * Which certificate: a serial number is unique per issuer only (RFC 5280 §4.1.2.2). Keeps the
 * number as words, since every connection that is in holds a key, and the index, which is asked at
 * each CONNECT and each sweep, hashes words without making anything. Immutable.
 */
public final class CertificateKey implements SipHash.Message {

  private static final int WORDS = 3;

  private final String issuer;
  private final long high;
  private final long middle;
  private final long low;

  /**
   * Of a certificate by its names.
   *
   * @param issuer the authority's role
   */
  public CertificateKey(String issuer, Serial serial) {
    BigInteger value = serial.value(); // at most 20 octets
    this.issuer = issuer;
    this.high = value.shiftRight(2 * Long.SIZE).longValue();
    this.middle = value.shiftRight(Long.SIZE).longValue();
    this.low = value.longValue();
  }

  public static CertificateKey of(X509Certificate certificate, Identity identity) {
    return new CertificateKey(identity.issuer(), Serial.of(certificate));
  }

  /** The authority's role. */
  public String issuer() {
    return issuer;
  }

  public Serial serial() {
    ByteBuffer octets = ByteBuffer.allocate(WORDS * Long.BYTES);
    octets.putLong(high).putLong(middle).putLong(low);
    return new Serial(new BigInteger(1, octets.array()));
  }

  @Override
  public int octets() {
    return WORDS * Long.BYTES + issuer.length() * Character.BYTES;
  }

  @Override
  public long word(int index) {
    return switch (index) {
      case 0 -> low;
      case 1 -> middle;
      case 2 -> high;
      default -> SipHash.word(issuer, index - WORDS);
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CertificateKey that
        && low == that.low
        && middle == that.middle
        && high == that.high
        && issuer.equals(that.issuer);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(low ^ middle ^ high) ^ issuer.hashCode();
  }

  @Override
  public String toString() {
    return issuer + " " + serial();
  }
}
