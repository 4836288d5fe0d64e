package io.guardbee.service.http;

import io.guardbee.pki.OneKey;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS of the service: 1.3 and 1.2 with forward secrecy; client certificates asked for. */
final class ServerTls {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final String[] CIPHER_SUITES = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  };

  private ServerTls() {}

  /**
   * Makes Jetty's TLS settings.
   *
   * @param key asked at each handshake: Jetty is not told of a replacement
   * @param asked the authorities named to clients, at each handshake; nobody is refused in the
   *     handshake, see {@link Callers}
   */
  static SslContextFactory.Server of(OneKey key, Supplier<List<X509Certificate>> asked) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {key}, new TrustManager[] {new AskOnly(asked)}, new SecureRandom());
      SslContextFactory.Server factory = new SslContextFactory.Server();
      factory.setSslContext(context);
      factory.setIncludeProtocols(PROTOCOLS);
      factory.setExcludeCipherSuites();
      factory.setIncludeCipherSuites(CIPHER_SUITES);
      factory.setWantClientAuth(true);
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /**
   * Lets every client certificate through the handshake. The client has proved that it holds the
   * key; JSSE could answer a bad certificate only with a bare alert, {@link Callers} says why.
   */
  private static final class AskOnly extends X509ExtendedTrustManager {
    private final Supplier<List<X509Certificate>> asked;

    AskOnly(Supplier<List<X509Certificate>> asked) {
      this.asked = asked;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return asked.get().toArray(new X509Certificate[0]); // for this handshake
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      throw new IllegalStateException("this side is the server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new IllegalStateException("this side is the server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      throw new IllegalStateException("this side is the server");
    }
  }
}
