package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The keys that OpenSSL of Debian made from 2006 to 2008, with the process id as all its randomness
 * (CVE-2008-0166). {@code debian-weak-keys.md} beside the data says which they are and where they
 * come from.
 */
final class DebianWeakKeys {

  /**
   * Of each SHA-256 the first octets are kept: of sound keys, one in some 300 million is taken for
   * a weak one.
   */
  private static final int OCTETS = 6;

  private static final byte[] SORTED = read();

  private DebianWeakKeys() {}

  static void check(KeyGate.Rsa key) {
    check(magnitude(key.modulus()));
  }

  /**
   * Looks a key up.
   *
   * @param material the modulus without leading zeros, or the uncompressed point
   */
  static void check(byte[] material) {
    if (contains(sha256(material))) {
      throw new RefusedException(
          Reason.KEY_DEBIAN_WEAK,
          "the key is one of those that Debian's OpenSSL made with CVE-2008-0166: anyone has its"
              + " private key",
          "make a new key on a system with OpenSSL 0.9.8h or later");
    }
  }

  /** How many keys are known. */
  static int size() {
    return SORTED.length / OCTETS;
  }

  private static boolean contains(byte[] hash) {
    int low = 0;
    int high = size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int at = middle * OCTETS;
      int order = Arrays.compareUnsigned(SORTED, at, at + OCTETS, hash, 0, OCTETS);
      if (order == 0) {
        return true;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return false;
  }

  private static byte[] magnitude(BigInteger number) {
    byte[] octets = number.toByteArray();
    return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
  }

  private static byte[] sha256(byte[] material) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(material);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] read() {
    try (InputStream data = DebianWeakKeys.class.getResourceAsStream("debian-weak-keys.bin")) {
      if (data == null) {
        throw new IllegalStateException("debian-weak-keys.bin is not in the jar");
      }
      byte[] octets = data.readAllBytes();
      if (octets.length == 0 || octets.length % OCTETS != 0) {
        throw new IllegalStateException("debian-weak-keys.bin is cut off: " + octets.length);
      }
      return octets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
