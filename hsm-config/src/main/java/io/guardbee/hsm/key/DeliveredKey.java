package io.guardbee.hsm.key;

import java.security.PublicKey;
import java.util.Arrays;

/**
 * A key pair that a module made for somebody else, outside of it: whoever holds this holds the key.
 * Wiped when it is closed. For one thread.
 */
public final class DeliveredKey implements AutoCloseable {

  private final PublicKey publicKey;
  private final byte[] pkcs8;

  DeliveredKey(PublicKey publicKey, byte[] pkcs8) {
    this.publicKey = publicKey;
    this.pkcs8 = pkcs8;
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** DER of the PrivateKeyInfo (RFC 5208 §5): this object's own octets, zero once it is closed. */
  public byte[] pkcs8() {
    return pkcs8;
  }

  @Override
  public void close() {
    Arrays.fill(pkcs8, (byte) 0);
  }

  @Override
  public String toString() {
    return "DeliveredKey[***]";
  }
}
