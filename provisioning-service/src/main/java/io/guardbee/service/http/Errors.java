package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns whatever went wrong into one clear answer and one log line; never a stack trace outside.
 */
final class Errors {

  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
  private static final String EST = "/.well-known/est";
  private static final Set<Reason> BY_TOKEN = Set.of(Reason.TOKEN_MISSING, Reason.TOKEN_WRONG);

  private final JsonMapper json;

  Errors(JsonMapper json) {
    this.json = json;
  }

  void register(RoutesConfig routes) {
    routes.exception(RefusedException.class, (refused, context) -> answer(context, refused));
    routes.exception(
        JacksonException.class, (e, context) -> answer(context, malformed(e.getOriginalMessage())));
    routes.exception(
        HttpResponseException.class, (e, context) -> answer(context, translate(e, context)));
    routes.exception(
        Exception.class,
        (e, context) -> {
          LOG.error("{} {} failed", context.method(), Quoted.of(context.path()), e);
          answer(
              context,
              new RefusedException(
                  Reason.INTERNAL, "the service failed", "see its log; nothing was issued"));
        });
  }

  private static RefusedException malformed(String message) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the body does not read: " + Quoted.of(message.lines().findFirst().orElse("")),
        "send the JSON that the README shows");
  }

  private static RefusedException translate(HttpResponseException e, Context context) {
    if (e.getStatus() == 413) {
      return new RefusedException(
          Reason.REQUEST_TOO_LARGE,
          "the request is larger than this service takes",
          "send one request of normal size; the limit is limits.requestBytes in config.yaml");
    }
    return new RefusedException(
        Reason.NOT_FOUND,
        "there is no " + context.method() + " " + Quoted.of(context.path()),
        "see the README for the paths that exist");
  }

  /** Whole seconds (RFC 9110 §10.2.3); never 0, which would have the client hammer. */
  private static String seconds(Duration wait) {
    return String.valueOf(Math.max(1, wait.plusMillis(999).toSeconds()));
  }

  private void answer(Context context, RefusedException refused) {
    int status = HttpStatusOf.reason(refused.reason());
    context.attribute(HttpServer.REFUSED, refused);
    LOG.warn(
        "refused {} {} from {}: {}",
        context.method(),
        Quoted.of(context.path()),
        context.ip(),
        refused.line());
    if (BY_TOKEN.contains(refused.reason())) {
      context.header("WWW-Authenticate", "Basic realm=\"guardbee\", charset=\"UTF-8\"");
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
