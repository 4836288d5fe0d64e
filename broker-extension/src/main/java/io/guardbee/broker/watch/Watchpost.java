package io.guardbee.broker.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small HTTP listener: {@code /metrics} as Prometheus text, {@code /health} as JSON, 200 when new
 * devices may come in and 503 when the status is too old for that, or missing, or when the node
 * does not take the policy version in force.
 */
public final class Watchpost implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watchpost.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int OK = 200;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final ExecutorService threads;

  private Watchpost(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Begins to listen.
   *
   * @param address port 0 for any free one; the log says which
   * @param threads makes the threads, with the class loader they need
   * @throws RefusedException {@link Reason#PORT_IN_USE}
   */
  public static Watchpost open(
      InetSocketAddress address, DoorMetrics metrics, HealthAnswer health, ThreadFactory threads) {
    try {
      HttpServer server = HttpServer.create(address, 0);
      ExecutorService executor = Executors.newFixedThreadPool(2, threads);
      server.setExecutor(executor);
      server.createContext("/metrics", new MetricsHandler(metrics.prometheus()));
      server.createContext("/health", health::answer);
      server.start();
      LOG.info("metrics and health on http:/{}", server.getAddress());
      return new Watchpost(server, executor);
    } catch (IOException e) {
      throw new RefusedException(
          Reason.PORT_IN_USE,
          "metrics.listen " + address + " cannot be listened on: " + e.getMessage(),
          "choose another address in guardbee.yaml, or \"\" for none");
    }
  }

  /** What {@code /health} says of a node. */
  public record HealthAnswer(BrokerConfig config, Vitals vitals, Clock clock) {

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        boolean reads = exchange.getRequestMethod().matches("GET|HEAD");
        byte[] body = body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        int code = !reads ? METHOD_NOT_ALLOWED : isServing() ? OK : UNAVAILABLE;
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, head ? -1 : body.length);
        if (!head) {
          exchange.getResponseBody().write(body);
        }
      }
    }

    private double lag() {
      return new Health(vitals, clock).lagSeconds();
    }

    private boolean isStale() {
      return lag() > config.maxStaleness().toMillis() / 1000.0;
    }

    /** Whether new connections may come in, as far as status and policy are concerned. */
    public boolean isServing() {
      return vitals.isKnown()
          && (!isStale() || config.allowStale())
          && vitals.policyRefused() == null;
    }

    private String status() {
      if (!vitals.isKnown()) {
        return "unknown";
      }
      if (vitals.policyRefused() != null) {
        return "policy-refused";
      }
      return isStale() ? "stale" : "current";
    }

    private String body() {
      ObjectNode node = JSON.createObjectNode();
      node.put("status", status());
      node.put("serving", isServing());
      node.put("node", config.node());
      if (vitals.isKnown()) {
        node.put("contact", vitals.contact().toString());
        node.put("lagSeconds", lag());
      }
      node.put("maxStalenessSeconds", config.maxStaleness().toSeconds());
      node.put("feedEvent", vitals.feedEvent());
      node.put("feedRefused", vitals.feedRefused());
      node.put("policyVersion", vitals.policyVersion());
      RefusedVersion refused = vitals.policyRefused();
      if (refused != null) {
        node.putObject("policyRefused")
            .put("version", refused.number())
            .put("reason", refused.reason());
      }
      node.put("connections", vitals.connections());
      return node + "\n";
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
