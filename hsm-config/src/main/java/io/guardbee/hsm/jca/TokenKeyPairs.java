package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.RefusedException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGeneratorSpi;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/** Makes key pairs in the token that {@link OpenToken#newKey} names. */
final class TokenKeyPairs extends KeyPairGeneratorSpi {

  private OpenToken.@Nullable NewKey wanted;

  @Override
  public void initialize(int keySize, @Nullable SecureRandom random) {
    throw new InvalidParameterException(
        "initialize with OpenToken.newKey(…): a size names no token");
  }

  @Override
  public void initialize(AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
      throws InvalidAlgorithmParameterException {
    if (!(parameters instanceof OpenToken.NewKey newKey)) {
      throw new InvalidAlgorithmParameterException("initialize with OpenToken.newKey(…)");
    }
    wanted = newKey;
  }

  @Override
  public KeyPair generateKeyPair() {
    if (wanted == null) {
      throw new ProviderException("initialize with OpenToken.newKey(…) first");
    }
    try {
      TokenKey key = wanted.keys().generate(wanted.label(), wanted.type());
      return new KeyPair(key.publicKey(), key.privateKey());
    } catch (RefusedException e) {
      throw new ProviderException(e.line(), e);
    }
  }
}
