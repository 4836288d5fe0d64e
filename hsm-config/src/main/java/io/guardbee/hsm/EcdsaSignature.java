package io.guardbee.hsm;

import io.guardbee.pki.RefusedException;
import java.io.ByteArrayOutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** ECDSA: hashed here, signed in the token. Not every module hashes and signs in one mechanism. */
final class EcdsaSignature extends SignatureSpi {

  private final @Nullable MessageDigest digest;
  private final ByteArrayOutputStream unhashed = new ByteArrayOutputStream();
  private @Nullable TokenPrivateKey key;

  /**
   * Makes one signing engine.
   *
   * @param digest null when the caller brings the hash
   */
  EcdsaSignature(@Nullable MessageDigest digest) {
    this.digest = digest;
  }

  @Override
  protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
    if (!(privateKey instanceof TokenPrivateKey tokenKey)) {
      throw new InvalidKeyException("not a key of a token that Guardbee opened");
    }
    key = tokenKey;
    reset();
  }

  @Override
  protected void engineInitVerify(PublicKey publicKey) throws InvalidKeyException {
    throw new InvalidKeyException("Guardbee signs only; another provider verifies");
  }

  @Override
  protected void engineUpdate(byte b) {
    if (digest == null) {
      unhashed.write(b);
    } else {
      digest.update(b);
    }
  }

  @Override
  protected void engineUpdate(byte[] octets, int offset, int length) {
    if (digest == null) {
      unhashed.write(octets, offset, length);
    } else {
      digest.update(octets, offset, length);
    }
  }

  @Override
  protected byte[] engineSign() throws SignatureException {
    if (key == null) {
      throw new SignatureException("no key: call initSign first");
    }
    byte[] hash = digest == null ? unhashed.toByteArray() : digest.digest();
    unhashed.reset();
    try {
      // FIPS 186-5 §6.4.1: the leftmost bits, as many as the order has; modules refuse longer input
      return key.sign(Arrays.copyOf(hash, Math.min(hash.length, key.orderOctets())));
    } catch (RefusedException e) {
      throw new SignatureException(e.line(), e);
    }
  }

  private void reset() {
    unhashed.reset();
    if (digest != null) {
      digest.reset();
    }
  }

  @Override
  protected boolean engineVerify(byte[] signature) throws SignatureException {
    throw new SignatureException("Guardbee signs only; another provider verifies");
  }

  @Override
  protected void engineSetParameter(AlgorithmParameterSpec parameters)
      throws InvalidAlgorithmParameterException {
    if (parameters != null) {
      throw new InvalidAlgorithmParameterException("ECDSA takes no parameters");
    }
  }

  @Override
  @Deprecated
  protected void engineSetParameter(String name, Object value) {
    throw new InvalidParameterException("ECDSA takes no parameters");
  }

  @Override
  @Deprecated
  protected Object engineGetParameter(String name) {
    throw new InvalidParameterException("ECDSA takes no parameters");
  }
}
