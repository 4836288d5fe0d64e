package io.guardbee.hsm;

import java.util.HexFormat;

/** The kinds of key that {@link Token#generate} makes. */
public enum KeyType {
  /** ECDSA on NIST P-256. */
  EC_P256("secp256r1", "06082a8648ce3d030107", 32);

  private final String curve;
  private final String parameters;
  private final int fieldOctets;

  KeyType(String curve, String parameters, int fieldOctets) {
    this.curve = curve;
    this.parameters = parameters;
    this.fieldOctets = fieldOctets;
  }

  /** The curve's name in JCA. */
  String curve() {
    return curve;
  }

  /** DER of the curve's object identifier, the value of {@code CKA_EC_PARAMS}. */
  byte[] parameters() {
    return HexFormat.of().parseHex(parameters);
  }

  /** Length of one coordinate. */
  int fieldOctets() {
    return fieldOctets;
  }
}
