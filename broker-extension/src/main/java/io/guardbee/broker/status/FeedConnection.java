package io.guardbee.broker.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.broker.status.Acknowledger.Done;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Executor;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The service's feed, as this node asks for it. Thread-safe. */
final class FeedConnection {

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int MOST_OF_A_PROBLEM = 2048;

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
  static FeedConnection of(BrokerConfig config, NodeIdentity identity, Executor executor) {
    return new FeedConnection(ServiceClient.of(config, identity, executor), config.node());
  }

  /** This node's name. */
  String node() {
    return node;
  }

  /** The service in use. */
  URI service() {
    return client.address();
  }

  /** The service in use failed: take the next. */
  void next() {
    client.next();
  }

  /** Opens the stream of lines that never ends; its head will be signed for this nonce. */
  InputStream open(String feed, long after, String nonce) throws IOException, InterruptedException {
    String query =
        "?node=" + encoded(node) + "&nonce=" + nonce + "&feed=" + encoded(feed) + "&after=" + after;
    HttpResponse<InputStream> response =
        client.send(
            client.request("/v1/feed" + query).header("Accept", "application/x-ndjson"),
            HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != OK) {
      try (InputStream body = response.body()) {
        throw failed(response, new String(body.readNBytes(MOST_OF_A_PROBLEM), UTF_8));
      }
    }
    return response.body();
  }

  /** Tells that everything up to the last of these is in force here. */
  void acknowledge(List<Done> done) throws IOException, InterruptedException {
    Done last = done.get(done.size() - 1);
    ObjectNode body = FeedLine.JSON.createObjectNode();
    body.put("node", node);
    add(body, last);
    ArrayNode before = body.putArray("before"); // whose receipts want their own numbers
    for (Done one : done.subList(0, done.size() - 1)) {
      if (one.hasNews()) {
        add(before.addObject(), one);
      }
    }
    HttpResponse<String> response =
        client.send(
            client
                .request("/v1/feed/ack")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())),
            HttpResponse.BodyHandlers.ofString(UTF_8));
    if (response.statusCode() != NO_CONTENT) {
      throw failed(response, response.body());
    }
  }

  private static void add(ObjectNode to, Done one) {
    to.put("event", one.event());
    to.put("sessionsEnded", one.sessionsEnded()).put("sessionsPending", one.sessionsPending());
    to.put("retainedCleared", one.cleared().messages());
    to.put("retainedPending", one.cleared().pending());
  }

  /** The service says why, as a problem document (RFC 9457). */
  private static IOException failed(HttpResponse<?> response, String problem) {
    return new IOException(
        "HTTP status "
            + response.statusCode()
            + " from "
            + response.uri()
            + (problem.isBlank() ? "" : ": " + Quoted.of(problem)));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, UTF_8);
  }
}
