package io.guardbee.broker.tls;

import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JCA provider of one factory, and the place where the factory finds what is in force. It and the
 * security property that points to it outlive the extension: a later load finds it by its name, and
 * listeners keep asking.
 */
final class ListenerProvider extends Provider {

  private static final long serialVersionUID = 1L;
  private static final String ALGORITHM = "Guardbee";

  private ListenerProvider(String name, String type, Function<Provider, Object> factory) {
    super(name, "1", "for MQTT listeners");
    putService(
        new Service(this, type, ALGORITHM, ListenerProvider.class.getName(), List.of(), Map.of()) {
          @Override
          public Object newInstance(@Nullable Object parameter) {
            return factory.apply(ListenerProvider.this);
          }
        });
  }

  /**
   * Makes the JVM's listeners ask this factory from now on.
   *
   * @param type such as {@code TrustManagerFactory}
   * @param factory makes it, given the provider
   * @return the provider that is registered: perhaps that of an earlier load, in another class
   *     loader
   */
  static Provider claim(String name, String type, Function<Provider, Object> factory) {
    Provider provider = Security.getProvider(name);
    if (provider == null) {
      provider = new ListenerProvider(name, type, factory);
      Security.addProvider(provider);
    }
    Security.setProperty("ssl." + type + ".algorithm", ALGORITHM);
    return provider;
  }
}
