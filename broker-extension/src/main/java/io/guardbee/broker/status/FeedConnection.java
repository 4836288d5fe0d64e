package io.guardbee.broker.status;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/** The service's feed, as this node asks for it. Thread-safe. */
final class FeedConnection {

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;

  private final ServiceClient client;
  private final String node;

  private FeedConnection(ServiceClient client, String node) {
    this.client = client;
    this.node = node;
  }

  /**
   * Connects to nothing yet.
   *
   * @throws RefusedException what {@link ServiceClient#of} says
   */
  static FeedConnection of(BrokerConfig config, Executor executor) {
    return new FeedConnection(ServiceClient.of(config, executor), config.node());
  }

  /** The service in use. */
  URI service() {
    return client.address();
  }

  /** The service in use failed: take the next. */
  void next() {
    client.next();
  }

  /** Opens the stream of lines that never ends. */
  InputStream open(String feed, long after) throws IOException, InterruptedException {
    String query = "?node=" + encoded(node) + "&feed=" + encoded(feed) + "&after=" + after;
    HttpResponse<InputStream> response =
        client.send(
            client.request("/v1/feed" + query).header("Accept", "application/x-ndjson"),
            HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != OK) {
      response.body().close();
      throw failed(response);
    }
    return response.body();
  }

  void acknowledge(long event, int sessionsEnded) throws IOException, InterruptedException {
    String body =
        FeedLine.JSON
            .createObjectNode()
            .put("node", node)
            .put("event", event)
            .put("sessionsEnded", sessionsEnded)
            .toString();
    HttpResponse<Void> response =
        client.send(
            client
                .request("/v1/feed/ack")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)),
            HttpResponse.BodyHandlers.discarding());
    if (response.statusCode() != NO_CONTENT) {
      throw failed(response);
    }
  }

  private static IOException failed(HttpResponse<?> response) {
    return new IOException("HTTP status " + response.statusCode() + " from " + response.uri());
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
