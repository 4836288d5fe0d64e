package io.guardbee.service.api;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.feed.Ended;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.feed.StatusFeed.Position;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.http.RequestMethods;
import io.guardbee.service.limit.ConcurrencyLimit;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The status feed; for brokers. A broker speaks for the node that its certificate names. */
public final class FeedRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(FeedRoutes.class);
  private static final int NO_CONTENT = 204;

  /** One, and those whose end the network has not told yet. */
  private static final int OF_ONE_BROKER = 8;

  private final StatusFeed feed;
  private final Callers callers;
  private final ConcurrencyLimit open;
  private final JsonMapper json;

  /**
   * @param mostOpen feeds at one time, each of which holds a thread
   */
  public FeedRoutes(StatusFeed feed, Callers callers, int mostOpen, JsonMapper json) {
    this.feed = feed;
    this.callers = callers;
    this.open =
        new ConcurrencyLimit(
            new ConcurrencyLimit.Bounds("status feeds", "limits.feeds", mostOpen, OF_ONE_BROKER));
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/feed", this::follow);
    routes.post("/v1/feed/ack", this::acknowledge);
  }

  private void follow(Context context) throws InterruptedException {
    String node = node(context, context.queryParam("node"));
    Position position =
        new Position(
            Optional.ofNullable(context.queryParam("feed")).orElse(""),
            after(context.queryParam("after")),
            nonce(context.queryParam("nonce")));
    ConcurrencyLimit.Place place = open.enter(node);
    try {
      context.res().setContentType("application/x-ndjson");
      if (RequestMethods.isHead(context)) {
        return; // the stream would never end
      }
      LOG.info("broker {} follows the status feed", node);
      feed.serve(node, position, context.res().getOutputStream());
    } catch (IOException e) {
      LOG.info("broker {} left the status feed: {}", node, e.getMessage());
    } catch (RefusedException e) {
      LOG.error("broker {} is not told the status feed: {}", node, e.line());
      if (!context.res().isCommitted()) {
        throw e;
      }
    } finally {
      place.close();
    }
  }

  private static long after(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    if (!text.matches("[0-9]{1,18}")) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "after " + Quoted.of(text) + " is not an event number",
          "give the last applied event, or 0");
    }
    return Long.parseLong(text);
  }

  /** Brokers of earlier versions send none. */
  private static String nonce(@Nullable String text) {
    if (text != null && !text.matches("[0-9a-f]{32,64}")) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "nonce " + Quoted.of(text) + " is not one",
          "give 32 to 64 lower-case hexadecimal digits that were never used before");
    }
    return text == null ? "" : text;
  }

  /**
   * What one event has ended.
   *
   * @param sessionsPending that are still being deleted; earlier brokers do not tell it
   * @param retainedCleared retained messages; earlier brokers do not tell it, nor the next
   * @param retainedPending whether more of them are being looked for
   */
  private record One(
      long event,
      int sessionsEnded,
      @Nullable Integer sessionsPending,
      @Nullable Integer retainedCleared,
      @Nullable Boolean retainedPending) {
    Ended ended() {
      return new Ended(
          event,
          sessionsEnded,
          orZero(sessionsPending),
          orZero(retainedCleared),
          Boolean.TRUE.equals(retainedPending));
    }

    private static int orZero(@Nullable Integer told) {
      return told == null ? 0 : Math.max(0, told);
    }
  }

  /**
   * That everything up to an event is in force.
   *
   * @param before what events before it have ended, where they are told together
   */
  private record Acknowledgement(
      String node,
      long event,
      int sessionsEnded,
      @Nullable Integer sessionsPending,
      @Nullable Integer retainedCleared,
      @Nullable Boolean retainedPending,
      @Nullable List<One> before) {

    One last() {
      return new One(event, sessionsEnded, sessionsPending, retainedCleared, retainedPending);
    }
  }

  private void acknowledge(Context context) {
    Acknowledgement said = JsonBody.ofBroker(json, context.bodyAsBytes(), Acknowledgement.class);
    String node = node(context, said.node());
    if (said.before() != null) {
      said.before().forEach(one -> feed.acknowledge(node, one.ended()));
    }
    feed.acknowledge(node, said.last().ended());
    context.status(NO_CONTENT);
  }

  private String node(Context context, @Nullable String claimed) {
    return NodeName.of(callers.requireBroker(context), claimed);
  }
}
