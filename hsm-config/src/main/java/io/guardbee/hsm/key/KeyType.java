package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** The kinds of key that Guardbee makes and uses in tokens. */
public enum KeyType {
  /** ECDSA on NIST P-256. */
  EC_P256(Ck.CKK_EC, Ck.CKM_EC_KEY_PAIR_GEN, 256, "06082a8648ce3d030107", "secp256r1"),
  /** ECDSA on NIST P-384. */
  EC_P384(Ck.CKK_EC, Ck.CKM_EC_KEY_PAIR_GEN, 384, "06052b81040022", "secp384r1"),
  /** ECDSA on NIST P-521. */
  EC_P521(Ck.CKK_EC, Ck.CKM_EC_KEY_PAIR_GEN, 521, "06052b81040023", "secp521r1"),
  /** RSA with 2048 bits and exponent 65537. */
  RSA_2048(Ck.CKK_RSA, Ck.CKM_RSA_PKCS_KEY_PAIR_GEN, 2048, "", "RSA"),
  /** RSA with 3072 bits and exponent 65537. */
  RSA_3072(Ck.CKK_RSA, Ck.CKM_RSA_PKCS_KEY_PAIR_GEN, 3072, "", "RSA"),
  /** RSA with 4096 bits and exponent 65537. */
  RSA_4096(Ck.CKK_RSA, Ck.CKM_RSA_PKCS_KEY_PAIR_GEN, 4096, "", "RSA"),
  /** Ed25519 (RFC 8032). */
  ED25519(Ck.CKK_EC_EDWARDS, Ck.CKM_EC_EDWARDS_KEY_PAIR_GEN, 256, "06032b6570", "Ed25519");

  private final long keyType;
  private final long generation;
  private final int bits;
  private final String parameters;
  private final String name;

  KeyType(long keyType, long generation, int bits, String parameters, String name) {
    this.keyType = keyType;
    this.generation = generation;
    this.bits = bits;
    this.parameters = parameters;
    this.name = name;
  }

  /** The type with that name: {@code ec-p256}, {@code rsa-2048}, {@code ed25519}. */
  public static Optional<KeyType> parse(String text) {
    return Arrays.stream(values()).filter(type -> type.toString().equals(text)).findFirst();
  }

  /** CKK_… */
  long keyType() {
    return keyType;
  }

  /** CKM_… that makes such a pair. */
  public long generation() {
    return generation;
  }

  /** Size of the modulus, or of the curve's field. */
  public int bits() {
    return bits;
  }

  /** The curve's name in JCA; RSA for RSA. */
  String curve() {
    return name;
  }

  boolean isRsa() {
    return keyType == Ck.CKK_RSA;
  }

  /** DER of the curve's object identifier, the value of {@code CKA_EC_PARAMS}. */
  byte[] parameters() {
    return HexFormat.of().parseHex(parameters);
  }

  /** Length of one coordinate. */
  int fieldOctets() {
    return (bits + 7) / 8;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
