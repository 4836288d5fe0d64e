package io.guardbee.broker.tls;

import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes the broker's TLS listeners ask us whom to trust. HiveMQ starts extensions before it binds
 * its listeners, and these ask for the JVM's default trust manager algorithm: that is ours from
 * {@link #install} on. Every other TLS context in this JVM must name its managers.
 *
 * <p>The provider outlives the extension, and so does the security property: were they withdrawn
 * when the extension stops, a listener built later would trust by certificate chain alone.
 */
public final class ListenerTrust {

  private static final String NAME = "GuardbeeListener";
  private static final String DECISIONS = "guardbee.decisions";

  private ListenerTrust() {}

  /** Sends the listeners' questions to these decisions from now on. */
  public static void install(X509ExtendedTrustManager decisions) {
    ListenerProvider.claim(NAME, "TrustManagerFactory", Factory::new).put(DECISIONS, decisions);
  }

  /** Lets nobody in any more; the provider and the property stay. */
  public static void close() {
    Provider provider = Security.getProvider(NAME);
    if (provider != null) {
      provider.remove(DECISIONS);
    }
  }

  /** Ignores the trust store that the listener's configuration names: the decisions are ours. */
  private static final class Factory extends TrustManagerFactorySpi {

    private final Provider provider;

    Factory(Provider provider) {
      this.provider = provider;
    }

    @Override
    protected void engineInit(@Nullable KeyStore store) {}

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {}

    @Override
    protected TrustManager[] engineGetTrustManagers() {
      return new TrustManager[] {
        new Delegating(
            () -> {
              if (provider.get(DECISIONS) instanceof X509ExtendedTrustManager decisions) {
                return decisions;
              }
              throw new CertificateException("guardbee is stopped: nobody may come in");
            })
      };
    }
  }

  /** Whom to ask, found at each question. */
  interface Decisions {
    X509ExtendedTrustManager now() throws CertificateException;

    /** What a TLS server tells its clients, RFC 8446 §4.2.4; empty when closed. */
    default X509Certificate[] authorities() {
      try {
        return now().getAcceptedIssuers();
      } catch (CertificateException e) {
        return new X509Certificate[0];
      }
    }
  }
}
