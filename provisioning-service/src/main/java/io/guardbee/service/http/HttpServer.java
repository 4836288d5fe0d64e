package io.guardbee.service.http;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.config.Config;
import io.guardbee.service.limit.Rates;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import java.net.BindException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import tools.jackson.databind.json.JsonMapper;

/** The service's two listeners: HTTPS for everything, plain HTTP for the little that is public. */
public final class HttpServer implements AutoCloseable {

  /** The attribute in which a request's {@link RefusedException} is left for who comes after. */
  public static final String REFUSED = "guardbee.refused";

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int HEAD_BYTES = 8_192; // and with it, how many headers

  /** What the path of an OCSP GET asks: percent-encoded base64, an attribute of the request. */
  public static final String OCSP_QUESTION = "io.guardbee.ocsp";

  private final Javalin javalin;
  private final Config.Listen listen;
  private final Attempts attempts;
  private final Arrivals arrivals;

  /** A part of the API: adds its routes. */
  public interface Routes {
    void register(RoutesConfig routes);
  }

  /**
   * The HTTPS server's key, which may be replaced, and the authorities named to clients.
   *
   * @param clients asked at each handshake; many clients keep back a certificate of others
   */
  public record Tls(OneKey key, Supplier<List<X509Certificate>> clients) {}

  /** Who calls, how often they may, and where it is kept when they may not. */
  public record Guards(Callers callers, Rates rates, Attempts attempts) {}

  public HttpServer(Config config, Tls tls, Guards guards, JsonMapper json, List<Routes> parts) {
    this.listen = config.listen();
    this.attempts = guards.attempts();
    Config.Limits limits = config.limits();
    this.arrivals = new Arrivals(IDLE, limits.requestTime(), limits.connections(), attempts);
    SslContextFactory.Server ssl = ServerTls.of(tls.key(), tls.clients());
    Throttle throttle = new Throttle(guards.rates(), guards.callers());
    Errors errors = new Errors(json, attempts, new Claimed(guards.callers().trusted()));
    this.javalin =
        Javalin.create(
            javalin -> {
              quiet(javalin);
              javalin.http.maxRequestSize = limits.requestBytes();
              javalin.jetty.addConnector((server, http) -> https(server, http, ssl));
              javalin.jetty.addConnector(this::http);
              guard(javalin, limits, json);
              javalin.routes.before(throttle::admit);
              javalin.routes.before(new CrossSiteFilter()::admit);
              errors.register(javalin.routes);
              parts.forEach(part -> part.register(javalin.routes));
            });
  }

  private void guard(JavalinConfig javalin, Config.Limits limits, JsonMapper json) {
    HttpLayerErrors errors = new HttpLayerErrors(json, attempts, HEAD_BYTES);
    javalin.jetty.modifyServletContextHandler(context -> context.setErrorHandler(errors));
    javalin.jetty.modifyServer(
        server -> {
          server.setErrorHandler(errors);
          server.setHandler(new BodyDeadline(limits.requestTime(), arrivals));
          server.addBean(new NetworkConnectionLimit(limits.connections(), server));
        });
  }

  private static void quiet(JavalinConfig javalin) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
  }

  private Connector https(Server server, HttpConfiguration http, SslContextFactory.Server ssl) {
    HttpConfiguration secure = bare(http);
    // no SNI check: devices reach the service by whatever name or address their network gives it
    secure.addCustomizer(new SecureRequestCustomizer(false));
    SslConnectionFactory tls = new SslConnectionFactory(ssl, "http/1.1");
    tls.addBean(new TlsFailures(attempts));
    return connector(
        new ServerConnector(server, tls, new HttpConnectionFactory(secure)), listen.https());
  }

  private Connector http(Server server, HttpConfiguration http) {
    return connector(
        new ServerConnector(server, new HttpConnectionFactory(bare(http))), listen.http());
  }

  private static HttpConfiguration bare(HttpConfiguration http) {
    HttpConfiguration bare = new HttpConfiguration(http);
    bare.setSendServerVersion(false);
    bare.setRequestHeaderSize(HEAD_BYTES);
    bare.setUriCompliance(OcspPath.LETS_THROUGH);
    bare.addCustomizer(new OcspPath());
    return bare;
  }

  private Connector connector(ServerConnector connector, int port) {
    connector.setHost(listen.bind());
    connector.setPort(port);
    connector.setIdleTimeout(IDLE.toMillis());
    connector.addEventListener(arrivals);
    return connector;
  }

  /** The ports actually taken. */
  public record Ports(int https, int http) {}

  /**
   * Starts listening.
   *
   * @throws RefusedException {@link Reason#PORT_IN_USE}
   */
  public Ports start() {
    try {
      javalin.start();
    } catch (RuntimeException e) {
      if (isBindFailure(e)) {
        throw new RefusedException(
            Reason.PORT_IN_USE,
            "port "
                + listen.https()
                + " or "
                + listen.http()
                + " on "
                + listen.bind()
                + " is taken",
            "stop what uses it, or choose others: --https-port 0 --http-port 0 take any free ones");
      }
      throw e;
    }
    Connector[] connectors = javalin.jettyServer().server().getConnectors();
    arrivals.start(connectors[0].getScheduler());
    return new Ports(
        ((ServerConnector) connectors[0]).getLocalPort(),
        ((ServerConnector) connectors[1]).getLocalPort());
  }

  private static boolean isBindFailure(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException
          || String.valueOf(cause.getMessage()).contains("Failed to bind")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    javalin.stop();
  }
}
