package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Answers what dies before any route is asked: a bad request line, too large a head. */
final class HttpLayerErrors implements Request.Handler {

  private static final Logger LOG = LoggerFactory.getLogger(HttpLayerErrors.class);
  private static final int SERVER_FAILED = 500;

  private final JsonMapper json;
  private final Attempts attempts;
  private final int headBytes;

  HttpLayerErrors(JsonMapper json, Attempts attempts, int headBytes) {
    this.json = json;
    this.attempts = attempts;
    this.headBytes = headBytes;
  }

  /** What a handler is given. */
  record Exchange(Request request, Response response, Callback callback) {}

  /** Answers that, before any route is asked. */
  static void refuse(Exchange exchange, RefusedException why) {
    exchange.request().setAttribute(HttpServer.REFUSED, why);
    Response.writeError(
        exchange.request(),
        exchange.response(),
        exchange.callback(),
        HttpStatusOf.reason(why.reason()));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    RefusedException why =
        request.getAttribute(HttpServer.REFUSED) instanceof RefusedException known
            ? known
            : refusal(status, message == null ? "" : Quoted.line(message.toString()));
    String address = Request.getRemoteAddr(request);
    if (attempts.record(new Attempt(Door.HTTP, String.valueOf(address), null, "request", why))) {
      LOG.warn("refused a request from {}: {}", address, why.line());
    }
    boolean est = Errors.isEst(Request.getPathInContext(request));
    HttpFields.Mutable headers = response.getHeaders();
    put(headers, why);
    SecurityHeaders.put(request, headers);
    headers.put(
        HttpHeader.CONTENT_TYPE, est ? "text/plain;charset=utf-8" : "application/problem+json");
    byte[] body =
        est
            ? (why.line() + "\n").getBytes(StandardCharsets.UTF_8)
            : json.writeValueAsBytes(Problem.of(why, status));
    response.write(true, ByteBuffer.wrap(body), callback);
    return true;
  }

  private static void put(HttpFields.Mutable headers, RefusedException why) {
    why.retryAfter().ifPresent(wait -> headers.put(HttpHeader.RETRY_AFTER, Errors.seconds(wait)));
    if (why.reason() == Reason.REQUEST_TOO_LARGE) {
      headers.put(HttpHeader.CONNECTION, "close"); // its rest is not waited for
    }
  }

  private RefusedException refusal(int status, String message) {
    return switch (status) {
      case 413 ->
          new RefusedException(
              Reason.REQUEST_TOO_LARGE,
              "the request is larger than this service takes",
              "send one request of normal size; the limit is limits.requestBytes in config.yaml");
      case 414, 431 ->
          new RefusedException(
              Reason.REQUEST_TOO_LARGE,
              "the head of the request is larger than " + headBytes + " octets",
              "send fewer and shorter headers");
      case 404 ->
          new RefusedException(
              Reason.NOT_FOUND, "there is nothing at that path", "see the README for the paths");
      case 408 ->
          new RefusedException(
              Reason.REQUEST_TOO_SLOW, "the request did not arrive in time", "send it again");
      default ->
          status < SERVER_FAILED || status == 505
              ? new RefusedException(
                  Reason.REQUEST_MALFORMED,
                  "the request is not HTTP/1.1: " + message,
                  "write requests as RFC 9112 says")
              : new RefusedException(Reason.INTERNAL, "the service failed", "see its log");
    };
  }
}
