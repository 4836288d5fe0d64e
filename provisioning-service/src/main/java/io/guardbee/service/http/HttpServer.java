package io.guardbee.service.http;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.service.config.Config;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.BindException;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import tools.jackson.databind.json.JsonMapper;

/** The service's two listeners: HTTPS for everything, plain HTTP for the little that is public. */
public final class HttpServer implements AutoCloseable {

  private static final long IDLE_MS = 30_000;
  private static final Set<String> PLAIN =
      Set.of("/readyz", "/ca/root.pem", "/ca/issuing.pem", "/ocsp");

  /** What the path of an OCSP GET asks: percent-encoded base64, an attribute of the request. */
  public static final String OCSP_QUESTION = "io.guardbee.ocsp";

  private final Javalin javalin;
  private final Config.Listen listen;

  /** A part of the API: adds its routes. */
  public interface Routes {
    void register(RoutesConfig routes);
  }

  /** The HTTPS server's key, which may be replaced, and the authorities named to clients. */
  public record Tls(OneKey key, TrustedIssuers clients) {}

  public HttpServer(Config config, Tls tls, JsonMapper json, List<Routes> parts) {
    this.listen = config.listen();
    SslContextFactory.Server ssl = ServerTls.of(tls.key(), tls.clients());
    this.javalin =
        Javalin.create(
            javalin -> {
              quiet(javalin);
              javalin.http.maxRequestSize = config.limits().requestBytes();
              javalin.jetty.addConnector((server, http) -> https(server, http, ssl));
              javalin.jetty.addConnector(this::http);
              javalin.routes.before(HttpServer::refusePlain);
              new Errors(json).register(javalin.routes);
              parts.forEach(part -> part.register(javalin.routes));
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
    return connector(
        new ServerConnector(
            server, new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(secure)),
        listen.https());
  }

  private Connector http(Server server, HttpConfiguration http) {
    return connector(
        new ServerConnector(server, new HttpConnectionFactory(bare(http))), listen.http());
  }

  private static HttpConfiguration bare(HttpConfiguration http) {
    HttpConfiguration bare = new HttpConfiguration(http);
    bare.setSendServerVersion(false);
    bare.setUriCompliance(OcspPath.LETS_THROUGH);
    bare.addCustomizer(new OcspPath());
    return bare;
  }

  private Connector connector(ServerConnector connector, int port) {
    connector.setHost(listen.bind());
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MS);
    return connector;
  }

  private static void refusePlain(Context context) {
    if (!context.req().isSecure() && !isPublic(context.path())) {
      throw new RefusedException(
          Reason.NOT_FOUND, "this is not served over plain HTTP", "use the https address");
    }
  }

  private static boolean isPublic(String path) {
    return PLAIN.contains(path)
        || path.startsWith("/crl/")
        || (path.startsWith("/ca/") && path.endsWith(".cer"));
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
