package io.guardbee.hsm.key;

import org.jspecify.annotations.Nullable;

/** A signature as a caller asks for it, whatever mechanism the token will make it with. */
public sealed interface SignatureKind {

  /**
   * ECDSA (FIPS 186-5 §6), given out as DER.
   *
   * @param hash null when the caller brings the hash
   */
  record Ecdsa(@Nullable Hash hash) implements SignatureKind {
    @Override
    public String toString() {
      return (hash == null ? "NONE" : hash) + "withECDSA";
    }
  }

  /**
   * RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
   *
   * @param hash null when the caller brings the DigestInfo
   */
  record Pkcs1(@Nullable Hash hash) implements SignatureKind {
    @Override
    public String toString() {
      return (hash == null ? "NONE" : hash) + "withRSA";
    }
  }

  /** RSASSA-PSS (RFC 8017 §8.1), MGF1 with the same hash. */
  record Pss(Hash hash, int saltOctets) implements SignatureKind {
    @Override
    public String toString() {
      return hash + "withRSAandMGF1";
    }
  }

  /** Ed25519 (RFC 8032 §5.1). */
  record Eddsa() implements SignatureKind {
    @Override
    public String toString() {
      return "Ed25519";
    }
  }
}
