package io.guardbee.broker.tls;

import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes the broker's TLS listeners present the key that we give, in the way of {@link
 * ListenerTrust}. The key store that a listener's configuration names must exist and parse, for
 * HiveMQ's sake; it is not used.
 */
public final class ListenerKey {

  private static final String NAME = "GuardbeeListenerKey";
  private static final String KEY = "guardbee.key";

  private ListenerKey() {}

  /** From now on listeners present what is given to {@link #present}, and nothing before that. */
  public static void claim() {
    ListenerProvider.claim(NAME, "KeyManagerFactory", Factory::new);
  }

  /** Gives listeners this key for every handshake to come. */
  public static void present(X509ExtendedKeyManager key) {
    Provider provider = Security.getProvider(NAME);
    if (provider == null) {
      throw new IllegalStateException("claimed before");
    }
    provider.put(KEY, key);
  }

  /** Presents nothing any more; the provider and the property stay. */
  public static void close() {
    Provider provider = Security.getProvider(NAME);
    if (provider != null) {
      provider.remove(KEY);
    }
  }

  private static final class Factory extends KeyManagerFactorySpi {

    private final Provider provider;

    Factory(Provider provider) {
      this.provider = provider;
    }

    @Override
    protected void engineInit(@Nullable KeyStore store, char @Nullable [] password) {}

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {}

    @Override
    protected KeyManager[] engineGetKeyManagers() {
      return new KeyManager[] {
        new Presenting(() -> provider.get(KEY) instanceof X509ExtendedKeyManager key ? key : null)
      };
    }
  }
}
