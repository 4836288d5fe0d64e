package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The JCA face of a private key in a token. An {@link ECKey}, so that JSSE can see the curve, but
 * no {@code ECPrivateKey}: there is no value to show. Safe for many threads.
 */
final class TokenPrivateKey implements PrivateKey, ECKey {

  private static final long serialVersionUID = 1L;
  private static final long UNKNOWN = 0; // CK_INVALID_HANDLE

  private final transient Slot slot;
  private final transient KeyObjects.Name name;
  private final transient ECPublicKey publicKey;
  private transient volatile long handle = UNKNOWN;

  TokenPrivateKey(Slot slot, KeyObjects.Name name, ECPublicKey publicKey) {
    this.slot = slot;
    this.name = name;
    this.publicKey = publicKey;
  }

  /**
   * Signs with {@code CKM_ECDSA}.
   *
   * @param hash already cut to the length of the curve's order
   * @return DER
   * @throws RefusedException {@link Reason#KEY_MISSING} when the key is gone, {@link
   *     Reason#MODULE_FAILED} when the module fails or the signature is wrong
   */
  byte[] sign(byte[] hash) {
    byte[] signature = EcPoints.der(slot.in(session -> sign(session, hash)));
    if (!isGood(hash, signature)) {
      handle = UNKNOWN; // it may mean another key by now: find ours again
      signature = EcPoints.der(slot.in(session -> sign(session, hash)));
      requireGood(hash, signature);
    }
    return signature;
  }

  private byte[] sign(long session, byte[] hash) throws CryptokiException {
    try {
      long key = handle;
      if (key == UNKNOWN) {
        key = KeyObjects.privateHandle(slot, session, name);
        handle = key;
      }
      return slot.cryptoki().sign(session, Ck.CKM_ECDSA, key, hash);
    } catch (CryptokiException e) {
      handle = UNKNOWN; // handles may end with their sessions: find the key again
      throw e;
    }
  }

  /** A faulty module, or a handle that now means another key, must not produce a certificate. */
  private void requireGood(byte[] hash, byte[] signature) {
    if (!isGood(hash, signature)) {
      handle = UNKNOWN;
      throw new RefusedException(
          Reason.MODULE_FAILED,
          Quoted.of(slot.label())
              + ": the signature of key "
              + Quoted.of(name.label())
              + " does not verify with its public key",
          "check the module; if it lasts, the token is damaged or was changed from outside");
    }
  }

  private boolean isGood(byte[] hash, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("NONEwithECDSA");
      verifier.initVerify(publicKey);
      verifier.update(hash);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public String getAlgorithm() {
    return "EC";
  }

  /** Null: the key has no encoding outside its module. */
  @Override
  public @Nullable String getFormat() {
    return null;
  }

  /** Null: the key stays in its module. */
  @Override
  public byte @Nullable [] getEncoded() {
    return null;
  }

  @Override
  public ECParameterSpec getParams() {
    return publicKey.getParams();
  }

  int orderOctets() {
    return (publicKey.getParams().getOrder().bitLength() + 7) / 8;
  }

  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException("a key in a token");
  }

  @Override
  public String toString() {
    return "EC private key " + Quoted.of(name.label()) + " in token " + Quoted.of(slot.label());
  }
}
