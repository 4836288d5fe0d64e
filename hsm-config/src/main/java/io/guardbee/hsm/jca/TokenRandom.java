package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.session.Slot;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.ProviderException;
import java.security.SecureRandomParameters;
import java.security.SecureRandomSpi;
import org.jspecify.annotations.Nullable;

/** Random octets of the token that {@link OpenToken#random} names. */
final class TokenRandom extends SecureRandomSpi {

  private static final long serialVersionUID = 1L;

  private final transient Keys keys;

  TokenRandom(@Nullable SecureRandomParameters parameters) {
    if (!(parameters instanceof OpenToken.Random random)) {
      throw new ProviderException("ask for it with OpenToken.random(…)");
    }
    keys = random.keys();
  }

  /** Does nothing: the token has its own source. */
  @Override
  protected void engineSetSeed(byte[] seed) {}

  @Override
  protected void engineNextBytes(byte[] octets) {
    if (octets.length == 0) {
      return;
    }
    Slot slot = keys.slot();
    slot.in(
        session -> {
          slot.cryptoki().random(session, octets);
          return octets;
        });
  }

  @Override
  protected byte[] engineGenerateSeed(int length) {
    byte[] seed = new byte[length];
    engineNextBytes(seed);
    return seed;
  }

  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException("a token's random source");
  }
}
