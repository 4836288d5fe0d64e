package io.guardbee.hsm.key;

import io.guardbee.hsm.session.Slot;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An {@link ECKey}, so that JSSE can see the curve, but no {@code ECPrivateKey}. */
final class TokenEcKey extends TokenPrivateKey implements ECKey {

  private static final long serialVersionUID = 1L;

  private final transient ECParameterSpec curve;
  private final int orderOctets;

  TokenEcKey(Slot slot, KeyObjects.Name name, ECPublicKey publicKey) {
    super(slot, name, publicKey);
    this.curve = publicKey.getParams();
    this.orderOctets = (curve.getOrder().bitLength() + 7) / 8;
  }

  @Override
  public boolean makes(SignatureKind kind) {
    return kind instanceof SignatureKind.Ecdsa;
  }

  @Override
  byte[] hash(SignatureKind kind, byte[] message) {
    byte[] hash =
        kind instanceof SignatureKind.Ecdsa ecdsa && ecdsa.hash() != null
            ? ecdsa.hash().of(message)
            : message;
    // FIPS 186-5 §6.4.1: the leftmost bits, as many as the order has; modules refuse longer input
    return hash.length > orderOctets ? Arrays.copyOf(hash, orderOctets) : hash;
  }

  @Override
  byte @Nullable [] encoded(byte[] fromModule) {
    return fromModule.length == 2 * orderOctets ? EcdsaValue.der(fromModule) : null;
  }

  @Override
  SignatureKind simplest() {
    return new SignatureKind.Ecdsa(null);
  }

  @Override
  public String getAlgorithm() {
    return "EC";
  }

  @Override
  public ECParameterSpec getParams() {
    return curve;
  }
}
