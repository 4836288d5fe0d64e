package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.profile.HandleLife;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The JCA face of a private key in a token: it has an algorithm and parameters, as JSSE wants to
 * see them, and no value. Safe for many threads.
 */
public abstract sealed class TokenPrivateKey implements PrivateKey
    permits TokenEcKey, TokenRsaKey, TokenEdKey {

  private static final long serialVersionUID = 1L;
  private static final byte[] TRIAL =
      "guardbee: does this token sign?".getBytes(StandardCharsets.US_ASCII);

  /** A handle, and the life of the library that it belongs to. */
  private record Handle(long number, int epoch) {}

  private final transient Slot slot;
  private final transient KeyObjects.Name name;
  private final transient Verifiers verifiers;
  private final transient Map<SignatureKind, SigningPlan> plans = new ConcurrentHashMap<>();
  private transient volatile @Nullable Handle handle;
  private final transient Slot.Work<byte[]> trial = this::prove;

  TokenPrivateKey(Slot slot, KeyObjects.Name name, PublicKey publicKey) {
    this.slot = slot;
    this.name = name;
    this.verifiers = new Verifiers(publicKey);
  }

  static TokenPrivateKey of(Slot slot, KeyObjects.Name name, PublicKey publicKey) {
    if (publicKey instanceof ECPublicKey ec) {
      return new TokenEcKey(slot, name, ec);
    }
    if (publicKey instanceof RSAPublicKey rsa) {
      return new TokenRsaKey(slot, name, rsa);
    }
    return new TokenEdKey(slot, name, (EdECPublicKey) publicKey);
  }

  /** Whether a key of this algorithm can make that kind of signature. */
  public abstract boolean makes(SignatureKind kind);

  /**
   * The hash of the message as this key signs it, or the hash that the caller brought.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it does not fit the key
   */
  abstract byte[] hash(SignatureKind kind, byte[] message);

  /**
   * The signature in the form that JCA's callers expect.
   *
   * @return null when its length is wrong
   */
  abstract byte @Nullable [] encoded(byte[] fromModule);

  /** A kind of signature by which this key shows that its token serves. */
  abstract SignatureKind simplest();

  /**
   * Signs in the token. The signature has been verified with the public key.
   *
   * @param message what is to be signed; its hash, or its DigestInfo, for kinds without one
   * @return as JCA gives it: DER for ECDSA
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} when the token cannot do that, {@link
   *     Reason#KEY_MISSING} when the key is gone, {@link Reason#MODULE_FAILED} when the module
   *     fails or its signature is wrong
   */
  public byte[] sign(SignatureKind kind, byte[] message) {
    SigningPlan plan = plan(kind);
    byte[] hash = hash(kind, message);
    byte[] input = plan.input(kind, message, hash);
    byte[] signature =
        slot.in(session -> verified(kind, message, hash, signed(session, plan, input)));
    slot.trial(trial);
    return signature;
  }

  private SigningPlan plan(SignatureKind kind) {
    SigningPlan known = plans.get(kind);
    if (known != null) {
      return known;
    }
    SigningPlan chosen = SigningPlan.choose(slot, kind);
    plans.put(kind, chosen);
    return chosen;
  }

  /** Signs something known, in a session that the slot is trying out. */
  private byte[] prove(long session) throws CryptokiException {
    SignatureKind kind = simplest();
    byte[] message = kind instanceof SignatureKind.Eddsa ? TRIAL : Hash.SHA256.of(TRIAL);
    byte[] hash = hash(kind, message);
    SigningPlan plan = plan(kind);
    return verified(kind, message, hash, signed(session, plan, plan.input(kind, message, hash)));
  }

  private byte[] signed(long session, SigningPlan plan, byte[] input) throws CryptokiException {
    try {
      long key = handle(session);
      return slot.cryptoki().sign(session, plan.mechanism(), plan.pss(), key, input);
    } catch (CryptokiException e) {
      handle = null; // handles may end with their sessions: find the key again
      throw e;
    }
  }

  private long handle(long session) throws CryptokiException {
    Handle known = handle;
    int epoch = slot.epoch();
    if (known != null && known.epoch == epoch) {
      return known.number;
    }
    long found = KeyObjects.privateHandle(slot, session, name);
    if (slot.profile().handleLife() == HandleLife.CONNECTION) {
      handle = new Handle(found, epoch);
    }
    return found;
  }

  /** A faulty module, or a handle that now means another key, must not produce a certificate. */
  private byte[] verified(SignatureKind kind, byte[] message, byte[] hash, byte[] fromModule)
      throws CryptokiException {
    byte[] signature = encoded(fromModule);
    if (signature == null) {
      handle = null;
      throw CryptokiException.badSignature(
          "a signature of " + fromModule.length + " octets, which no " + kind + " has");
    }
    try {
      if (verifiers.verify(kind, message, hash, signature)) {
        return signature;
      }
    } catch (GeneralSecurityException e) {
      // not even a signature in form
    }
    handle = null;
    throw CryptokiException.badSignature(
        "a signature that does not verify with the public key of " + Quoted.of(name.label()));
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

  KeyObjects.Name name() {
    return name;
  }

  Slot slot() {
    return slot;
  }

  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException("a key in a token");
  }

  @Override
  public String toString() {
    return getAlgorithm()
        + " private key "
        + Quoted.of(name.label())
        + " in token "
        + Quoted.of(slot.label());
  }
}
