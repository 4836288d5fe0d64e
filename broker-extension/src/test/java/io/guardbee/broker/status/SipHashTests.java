package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;

/** The keyed hash, held against another implementation and the vectors of its authors. */
class SipHashTests {

  private static final SipHash KEYED = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

  /** Octets as a message. */
  private static SipHash.Message message(byte[] octets) {
    return new SipHash.Message() {
      @Override
      public int octets() {
        return octets.length;
      }

      @Override
      public long word(int index) {
        long word = 0;
        for (int at = Math.min(octets.length, index * 8 + 8) - 1; at >= index * 8; at--) {
          word = (word << 8) | (octets[at] & 0xff);
        }
        return word;
      }
    };
  }

  private static long reference(SipHash key, byte[] octets) {
    byte[] k = new byte[16];
    for (int i = 0; i < 8; i++) {
      k[i] = (byte) (key.k0() >>> (8 * i));
      k[8 + i] = (byte) (key.k1() >>> (8 * i));
    }
    var mac = new org.bouncycastle.crypto.macs.SipHash();
    mac.init(new KeyParameter(k));
    mac.update(octets, 0, octets.length);
    return mac.doFinal();
  }

  @Test
  void vectorOfTheAuthors() {
    byte[] octets = new byte[15];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) i;
    }
    // appendix A of "SipHash: a fast short-input PRF"
    assertThat(KEYED.of(message(octets))).isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void messagesOfAllLengthsAreHashedAsByAnother() {
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      byte[] octets = new byte[length];
      random.nextBytes(octets);
      SipHash key = new SipHash(random.nextLong(), random.nextLong());
      assertThat(key.of(message(octets))).as("%d octets", length).isEqualTo(reference(key, octets));
    }
  }

  @Test
  void textIsHashedAsItsCodeUnits() {
    for (String text : new String[] {"", "d", "d-1", "d-12", "d-123", "ä€😀", "d".repeat(200)}) {
      assertThat(KEYED.of(new SipHash.Text(text)))
          .isEqualTo(reference(KEYED, text.getBytes(StandardCharsets.UTF_16LE)));
    }
  }

  @Test
  void keysOfCertificatesDifferInEveryPart() {
    assertThat(KEYED.of(key("issuing", 1))).isEqualTo(KEYED.of(key("issuing", 1)));
    assertThat(KEYED.of(key("issuing", 1))).isNotEqualTo(KEYED.of(key("issuing", 2)));
    assertThat(KEYED.of(key("issuing", 1))).isNotEqualTo(KEYED.of(key("operations", 1)));
    assertThat(new SipHash(1, 2).of(key("issuing", 1))).isNotEqualTo(KEYED.of(key("issuing", 1)));
  }

  private static CertificateKey key(String issuer, long serial) {
    return new CertificateKey(issuer, new Serial(BigInteger.valueOf(serial)));
  }

  @Test
  void keyGivesItsSerialBack() {
    Random random = new Random(2);
    for (int bits = 1; bits < 160; bits++) {
      BigInteger value = new BigInteger(bits, random).setBit(bits - 1);
      CertificateKey key = new CertificateKey("issuing", new Serial(value));
      assertThat(key.serial().value()).isEqualTo(value);
      assertThat(key).isEqualTo(new CertificateKey("issuing", new Serial(value)));
      assertThat(key).hasSameHashCodeAs(new CertificateKey("issuing", new Serial(value)));
      assertThat(key)
          .isNotEqualTo(
              new CertificateKey("issuing", new Serial(value.flipBit(0).add(BigInteger.TWO))));
      assertThat(key).isNotEqualTo(new CertificateKey("other", new Serial(value)));
    }
  }
}
