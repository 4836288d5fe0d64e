package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The hash functions of signatures, with their numbers in PKCS#11. */
public enum Hash {
  SHA256(256, Ck.CKM_SHA256, Ck.CKG_MGF1_SHA256, "3031300d060960864801650304020105000420"),
  SHA384(384, Ck.CKM_SHA384, Ck.CKG_MGF1_SHA384, "3041300d060960864801650304020205000430"),
  SHA512(512, Ck.CKM_SHA512, Ck.CKG_MGF1_SHA512, "3051300d060960864801650304020305000440");

  private final int bits;
  private final long mechanism;
  private final long mgf;
  private final String digestInfo;

  Hash(int bits, long mechanism, long mgf, String digestInfo) {
    this.bits = bits;
    this.mechanism = mechanism;
    this.mgf = mgf;
    this.digestInfo = digestInfo;
  }

  /** The hash of that name in JCA, {@code SHA-256}; empty for one that is not used here. */
  public static Optional<Hash> parse(String jcaName) {
    return Arrays.stream(values()).filter(hash -> hash.jcaName().equals(jcaName)).findFirst();
  }

  public String jcaName() {
    return "SHA-" + bits;
  }

  /** CKM_SHA… */
  long mechanism() {
    return mechanism;
  }

  /** CKG_MGF1_SHA… */
  long mgf() {
    return mgf;
  }

  public int octets() {
    return bits / 8;
  }

  /** DER of DigestInfo up to the hash itself (RFC 8017 §9.2 note 1). */
  byte[] digestInfo() {
    return HexFormat.of().parseHex(digestInfo);
  }

  byte[] of(byte[] message) {
    try {
      return MessageDigest.getInstance(jcaName()).digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + jcaName(), e);
    }
  }
}
