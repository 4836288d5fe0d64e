package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns whatever went wrong into one clear answer and one log line; never a stack trace outside.
 */
final class Errors {

  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
  private static final String EST = "/.well-known/est";
  private static final String FACTORY = "/v1/factory/";
  private static final Set<Reason> BY_TOKEN = Set.of(Reason.TOKEN_MISSING, Reason.TOKEN_WRONG);

  /** The body did not come, or is not worth waiting for. */
  private static final Set<Reason> UNREAD =
      Set.of(
          Reason.RATE_LIMITED,
          Reason.OVERLOADED,
          Reason.REQUEST_TOO_LARGE,
          Reason.REQUEST_TOO_SLOW,
          Reason.REQUEST_MALFORMED,
          Reason.INTERNAL);

  private static final int SERVER_FAILED = 500;

  private final JsonMapper json;
  private final Attempts attempts;
  private final Claimed claimed;

  Errors(JsonMapper json, Attempts attempts, Claimed claimed) {
    this.json = json;
    this.attempts = attempts;
    this.claimed = claimed;
  }

  void register(RoutesConfig routes) {
    routes.exception(RefusedException.class, (refused, context) -> answer(context, refused));
    routes.exception(
        HttpResponseException.class, (e, context) -> answer(context, translate(e, context)));
    routes.exception(Exception.class, (e, context) -> answer(context, unexpected(e, context)));
  }

  /** What the HTTP layer throws at who reads the body is the caller's doing; the rest is ours. */
  private static RefusedException unexpected(Exception e, Context context) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedException refused) {
        return refused;
      }
      if (cause instanceof HttpException http && http.getCode() < SERVER_FAILED) {
        return brokenOff(String.valueOf(http.getReason()));
      }
      if (cause instanceof EofException) {
        return brokenOff("the connection ended");
      }
    }
    LOG.error("{} {} failed", RequestMethods.sent(context), Quoted.of(context.path()), e);
    return new RefusedException(
        Reason.INTERNAL, "the service failed", "see its log; nothing was issued");
  }

  private static RefusedException brokenOff(String why) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the request did not arrive whole: " + Quoted.line(why),
        "send it again");
  }

  private static RefusedException translate(HttpResponseException e, Context context) {
    if (e.getStatus() == 413) {
      return new RefusedException(
          Reason.REQUEST_TOO_LARGE,
          "the request is larger than this service takes",
          "send one request of normal size; the limit is limits.requestBytes in config.yaml");
    }
    if (e.getStatus() == 405) {
      return otherMethod(e, context);
    }
    return new RefusedException(
        Reason.NOT_FOUND,
        "there is no " + context.method() + " " + Quoted.of(context.path()),
        "see the README for the paths that exist");
  }

  /** Names the methods that there are (RFC 9110 §15.5.6). */
  private static RefusedException otherMethod(HttpResponseException e, Context context) {
    String methods =
        e.getDetails().values().stream()
            .flatMap(all -> Arrays.stream(all.split(", *")))
            .flatMap(one -> one.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(one))
            .sorted()
            .collect(Collectors.joining(", "));
    context.header("Allow", methods);
    return new RefusedException(
        Reason.METHOD_NOT_ALLOWED,
        context.method() + " is not for " + Quoted.of(context.path()),
        "use " + methods);
  }

  /** Whole seconds (RFC 9110 §10.2.3); never 0, which would have the client hammer. */
  static String seconds(Duration wait) {
    return String.valueOf(Math.max(1, wait.plusMillis(999).toSeconds()));
  }

  /** Whether errors there are EST's: plain text. */
  static boolean isEst(String path) {
    return path.startsWith(EST);
  }

  private void note(Context context, RefusedException refused) {
    String request = RequestMethods.sent(context) + " " + Quoted.of(context.path());
    String path = context.path();
    Door door =
        path.startsWith(EST) ? Door.EST : path.startsWith(FACTORY) ? Door.FACTORY : Door.REST;
    String device = claimed.caller(context, () -> body(context, refused)).orElse(null);
    if (attempts.record(new Attempt(door, context.ip(), device, request, refused))) {
      LOG.warn("refused {} from {}: {}", request, context.ip(), refused.line());
    } else {
      LOG.debug("refused {} from {} again: {}", request, context.ip(), refused.line());
    }
  }

  /** What an EST client has sent. */
  private static byte[] body(Context context, RefusedException refused) {
    if (!context.path().startsWith(EST) || UNREAD.contains(refused.reason())) {
      return new byte[0];
    }
    try {
      return context.bodyAsBytes();
    } catch (Exception e) { // Kotlin's: also what it does not declare
      return new byte[0]; // it never came
    }
  }

  private void answer(Context context, RefusedException refused) {
    int status = HttpStatusOf.reason(refused.reason());
    context.attribute(HttpServer.REFUSED, refused);
    note(context, refused);
    if (BY_TOKEN.contains(refused.reason())) {
      context.header("WWW-Authenticate", "Basic realm=\"guardbee\", charset=\"UTF-8\"");
    }
    if (refused.reason() == Reason.REQUEST_TOO_LARGE) {
      context.header("Connection", "close"); // the rest of the body is not waited for
    }
    refused.retryAfter().ifPresent(wait -> context.header("Retry-After", seconds(wait)));
    if (context.path().startsWith(EST)) {
      context.status(status).contentType("text/plain; charset=utf-8").result(refused.line() + "\n");
    } else {
      context
          .status(status)
          .contentType("application/problem+json")
          .result(json.writeValueAsBytes(Problem.of(refused, status)));
    }
  }
}
