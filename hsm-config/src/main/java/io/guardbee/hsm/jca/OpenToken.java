package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.Slot;
import io.guardbee.hsm.uri.Pkcs11Uri;
import java.security.KeyStore;
import java.security.SecureRandomParameters;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/** Ways to tell JCA's classes which token. */
public final class OpenToken {

  private OpenToken() {}

  /** For {@code KeyPairGenerator.initialize}: makes the key {@code label} in an open token. */
  public static AlgorithmParameterSpec newKey(Keys keys, String label, KeyType type) {
    return new NewKey(keys, label, type);
  }

  /** For {@code SecureRandom.getInstance}: random octets of an open token. */
  public static SecureRandomParameters random(Keys keys) {
    return new Random(keys);
  }

  /** For {@code KeyStore.load}: the keys and certificates of an open token. */
  public static KeyStore.LoadStoreParameter store(Keys keys) {
    return new Store(keys);
  }

  record NewKey(Keys keys, String label, KeyType type) implements AlgorithmParameterSpec {}

  record Random(Keys keys) implements SecureRandomParameters {}

  record Store(Keys keys) implements KeyStore.LoadStoreParameter {
    @Override
    public KeyStore.@Nullable ProtectionParameter getProtectionParameter() {
      return null;
    }
  }

  /** Opens the token and leaves it open: JCA's classes have no end of their own. */
  static Keys keys(Pkcs11Uri uri) {
    GuardbeeProvider.install();
    Slot slot = Library.of(uri).slot(uri);
    slot.open(uri);
    return new Keys(slot);
  }
}
