package io.guardbee.hsm.key;

import io.guardbee.hsm.session.Slot;
import java.math.BigInteger;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/** An {@link RSAKey}, so that JSSE can see the size, but no {@code RSAPrivateKey}. */
final class TokenRsaKey extends TokenPrivateKey implements RSAKey {

  private static final long serialVersionUID = 1L;

  private final BigInteger modulus;

  TokenRsaKey(Slot slot, KeyObjects.Name name, RSAPublicKey publicKey) {
    super(slot, name, publicKey);
    this.modulus = publicKey.getModulus();
  }

  @Override
  public boolean makes(SignatureKind kind) {
    return kind instanceof SignatureKind.Pkcs1 || kind instanceof SignatureKind.Pss;
  }

  @Override
  byte[] hash(SignatureKind kind, byte[] message) {
    Hash hash =
        kind instanceof SignatureKind.Pss pss
            ? pss.hash()
            : kind instanceof SignatureKind.Pkcs1 pkcs1 ? pkcs1.hash() : null;
    return hash == null ? message : hash.of(message);
  }

  @Override
  byte @Nullable [] encoded(byte[] fromModule) {
    return fromModule.length == (modulus.bitLength() + 7) / 8 ? fromModule : null;
  }

  @Override
  SignatureKind simplest() {
    return new SignatureKind.Pkcs1(Hash.SHA256);
  }

  @Override
  public String getAlgorithm() {
    return "RSA";
  }

  @Override
  public BigInteger getModulus() {
    return modulus;
  }
}
