package io.guardbee.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A broker's end of the feed, with the certificate that a service made for its broker. */
public final class FeedClient implements AutoCloseable {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private final Client client;
  private final String node;
  private final BufferedReader lines;

  /** A broker that knows nothing yet. */
  FeedClient(RunningService service) {
    this(service, "", 0);
  }

  FeedClient(RunningService service, String feed, long after) {
    client = Client.broker(service);
    node = Client.nodeName(service);
    lines =
        new BufferedReader(
            new InputStreamReader(
                client.stream("/v1/feed?node=" + node + "&feed=" + feed + "&after=" + after),
                StandardCharsets.UTF_8));
  }

  String node() {
    return node;
  }

  JsonNode next() {
    try {
      String line = lines.readLine();
      if (line == null) {
        throw new AssertionError("the feed has ended");
      }
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line of that type; what comes before is passed over. */
  JsonNode next(String type) {
    JsonNode line = next();
    while (!line.path("type").asString().equals(type)) {
      line = next();
    }
    return line;
  }

  /** Passes over lines until the feed ends; a feed that lives has a heartbeat every two seconds. */
  void awaitEnd() {
    for (int line = 0; line < 20; line++) {
      try {
        if (lines.readLine() == null) {
          return;
        }
      } catch (IOException e) {
        return;
      }
    }
    throw new AssertionError("the feed goes on");
  }

  void acknowledge(long event, int sessionsEnded) {
    accepted(
        client.post(
            "/v1/feed/ack",
            JSON.createObjectNode()
                .put("node", node)
                .put("event", event)
                .put("sessionsEnded", sessionsEnded)
                .toString()));
  }

  /** Of sessions and retained messages that are still being deleted. */
  void acknowledgePending(long event, int sessionsEnded, int sessionsPending) {
    acknowledge(event, sessionsEnded, sessionsPending, 0);
  }

  /** They are gone. */
  void acknowledgeDone(long event, int retainedCleared) {
    acknowledge(event, 0, 0, retainedCleared);
  }

  private void acknowledge(
      long event, int sessionsEnded, int sessionsPending, int retainedCleared) {
    accepted(
        client.post(
            "/v1/feed/ack",
            JSON.createObjectNode()
                .put("node", node)
                .put("event", event)
                .put("sessionsEnded", sessionsEnded)
                .put("sessionsPending", sessionsPending)
                .put("retainedCleared", retainedCleared)
                .put("retainedPending", sessionsPending > 0)
                .toString()));
  }

  private static void accepted(Client.Answer answer) {
    if (answer.status() != 204) {
      throw new AssertionError(answer.status() + " " + answer.body());
    }
  }

  /** Says what became of an order. */
  void answer(JsonNode order, String outcome, String detail) {
    ObjectNode said =
        JSON.createObjectNode()
            .put("node", node)
            .put("version", order.path("version").asLong())
            .put("mode", order.path("mode").asString())
            .put("outcome", outcome)
            .put("detail", detail)
            .put("connections", 2)
            .put("affectedCount", 1);
    said.putArray("affected")
        .addObject()
        .put("deviceId", "d-1")
        .put("clientId", "d-1")
        .put("before", "sensors")
        .put("after", "no rule")
        .putArray("lost")
        .add("connect");
    accepted(client.post("/v1/broker/policy", said.toString()));
  }

  /**
   * From now on answers each order by itself, until the feed ends.
   *
   * @param detail of a refusal; empty for an order that is carried out, a hyphen for no answer
   */
  CompletableFuture<Void> answering(Function<JsonNode, String> detail) {
    return CompletableFuture.runAsync(
        () -> {
          while (true) {
            JsonNode order = next("policy");
            String why = detail.apply(order);
            if (why.equals("-")) {
              continue;
            }
            boolean foresee = order.path("mode").asString().equals("foresee");
            answer(order, why.isEmpty() ? foresee ? "foreseen" : "applied" : "refused", why);
            if (order.path("event").asLong() > 0) {
              acknowledge(order.path("event").asLong(), 0);
            }
          }
        });
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
