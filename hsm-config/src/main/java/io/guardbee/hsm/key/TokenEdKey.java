package io.guardbee.hsm.key;

import io.guardbee.hsm.session.Slot;
import java.security.interfaces.EdECKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import org.jspecify.annotations.Nullable;

/** An {@link EdECKey} on Ed25519. */
final class TokenEdKey extends TokenPrivateKey implements EdECKey {

  private static final long serialVersionUID = 1L;
  private static final int SIGNATURE_OCTETS = 64;

  TokenEdKey(Slot slot, KeyObjects.Name name, EdECPublicKey publicKey) {
    super(slot, name, publicKey);
  }

  @Override
  public boolean makes(SignatureKind kind) {
    return kind instanceof SignatureKind.Eddsa;
  }

  /** Ed25519 hashes by itself, twice (RFC 8032 §5.1.6). */
  @Override
  byte[] hash(SignatureKind kind, byte[] message) {
    return message;
  }

  @Override
  byte @Nullable [] encoded(byte[] fromModule) {
    return fromModule.length == SIGNATURE_OCTETS ? fromModule : null;
  }

  @Override
  SignatureKind simplest() {
    return new SignatureKind.Eddsa();
  }

  @Override
  public String getAlgorithm() {
    return "EdDSA";
  }

  @Override
  public NamedParameterSpec getParams() {
    return NamedParameterSpec.ED25519;
  }
}
