package io.guardbee.service.http;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.config.Config;
import io.guardbee.service.http.QueuedSslConnectionFactory.Peers;
import io.guardbee.service.limit.Rates;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import java.net.BindException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import tools.jackson.databind.json.JsonMapper;

/** The service's two listeners: HTTPS for everything, plain HTTP for the little that is public. */
public final class HttpServer implements AutoCloseable {

  /** The attribute in which a request's {@link RefusedException} is left for who comes after. */
  public static final String REFUSED = "guardbee.refused";

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int HEAD_BYTES = 8_192; // and with it, how many headers
  private static final int BACKLOG = 4_096;

  /** Of an absolute target, what it says counts, not the Host header (RFC 9112 §3.2.2). */
  private static final HttpCompliance ABSOLUTE_FORM =
      HttpCompliance.RFC9110.with("absolute-form", HttpCompliance.Violation.MISMATCHED_AUTHORITY);

  /** Fewer than the signatures that issuance may ask for at one time. */
  private static final int HANDSHAKES_AT_ONCE = 4;

  /** Acceptors, selectors, what is read and written, what brokers acknowledge. */
  private static final int HEADROOM = 64;

  /** What the path of an OCSP GET asks: percent-encoded base64, an attribute of the request. */
  public static final String OCSP_QUESTION = "io.guardbee.ocsp";

  private final Javalin javalin;
  private final Config.Listen listen;
  private final Attempts attempts;
  private final Arrivals arrivals;
  private final ConnectionShares shares;

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
    ClosedConnections closed = new ClosedConnections(attempts);
    this.shares = new ConnectionShares(bounds(limits), closed, System::nanoTime);
    this.arrivals = new Arrivals(IDLE, limits.requestTime(), attempts, shares);
    SslContextFactory.Server ssl = ServerTls.of(tls.key(), tls.clients());
    Peers peers = new Peers(shares, guards.rates(), closed, guards.callers()::isOperatorOrBroker);
    Throttle throttle = new Throttle(guards.rates(), guards.callers());
    Errors errors = new Errors(json, attempts, new Claimed(guards.callers().trusted()));
    this.javalin =
        Javalin.create(
            javalin -> {
              quiet(javalin);
              javalin.http.maxRequestSize = limits.requestBytes();
              javalin.http.prefer405over404 = true;
              javalin.jetty.threadPool = threads(limits);
              HandshakeQueue handshakes = new HandshakeQueue(HANDSHAKES_AT_ONCE);
              javalin.jetty.addConnector(
                  (server, http) ->
                      https(server, http, new QueuedSslConnectionFactory(ssl, handshakes, peers)));
              javalin.jetty.addConnector(this::http);
              guard(javalin, limits, json);
              javalin.routes.before(throttle::admit);
              javalin.routes.beforeMatched(new CrossSiteFilter()::admit);
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
          server.setHandler(new RequestHandlers(shares, arrivals, limits).all());
        });
  }

  private static ConnectionShares.Bounds bounds(Config.Limits limits) {
    int all = limits.connections();
    int perAddress = limits.connectionsPerAddress();
    return new ConnectionShares.Bounds(
        all, perAddress, Math.max(1, perAddress / 2), Math.max(64, all / 4));
  }

  /** Enough for everything that is bounded elsewhere, so that nothing waits for a thread. */
  private static QueuedThreadPool threads(Config.Limits limits) {
    int held = limits.requestsAtOnce() + limits.feeds() + limits.factoryStreams();
    QueuedThreadPool threads =
        new QueuedThreadPool(held + RequestHandlers.OPERATORS_AT_ONCE + HEADROOM, 8, 60_000);
    threads.setName("http");
    return threads;
  }

  private static void quiet(JavalinConfig javalin) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
  }

  private Connector https(Server server, HttpConfiguration http, SslConnectionFactory tls) {
    HttpConfiguration secure = bare(http);
    // no SNI check: devices reach the service by whatever name or address their network gives it
    secure.addCustomizer(new SecureRequestCustomizer(false));
    tls.addBean(new TlsFailures(attempts));
    ServerConnector connector = new ServerConnector(server, tls, new HttpConnectionFactory(secure));
    connector.addBean(shares.listener(true));
    return connector(connector, listen.https());
  }

  private Connector http(Server server, HttpConfiguration http) {
    HttpConfiguration plain = bare(http);
    plain.addCustomizer(new PlainScheme());
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(plain));
    connector.addBean(shares.listener(false));
    return connector(connector, listen.http());
  }

  private static HttpConfiguration bare(HttpConfiguration http) {
    HttpConfiguration bare = new HttpConfiguration(http);
    bare.setSendServerVersion(false);
    bare.setRequestHeaderSize(HEAD_BYTES);
    bare.setUriCompliance(OcspPath.LETS_THROUGH);
    bare.setHttpCompliance(ABSOLUTE_FORM);
    bare.addCustomizer(new SecurityHeaders());
    bare.addCustomizer(new OcspPath());
    return bare;
  }

  private Connector connector(ServerConnector connector, int port) {
    connector.setHost(listen.bind());
    connector.setPort(port);
    connector.setAcceptQueueSize(BACKLOG); // or a flood of connections delays all others
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
