package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.Callback;

/** Handles few requests of a kind at one time; the others wait without a thread. */
final class RequestQueue extends QoSHandler {

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final Duration patience;
  private final Consumer<Request> arrived;

  /**
   * @param patience how long a request may wait
   * @param arrived told of each request of the kind, which is here whole
   */
  RequestQueue(int atOnce, Duration patience, Predicate<Request> kind, Consumer<Request> arrived) {
    this.patience = patience;
    this.arrived = arrived;
    setMaxRequestCount(atOnce);
    setMaxSuspendedRequestCount(-1); // each connection has one request: those are bounded
    setMaxSuspend(patience);
    include(kind);
  }

  @Override
  public boolean onConditionsMet(Request request, Response response, Callback callback)
      throws Exception {
    arrived.accept(request);
    return super.onConditionsMet(request, response, callback);
  }

  @Override
  protected void expireSuspended(Request request, Response response, Callback callback) {
    HttpLayerErrors.refuse(
        new HttpLayerErrors.Exchange(request, response, callback),
        new RefusedException(
            Reason.OVERLOADED,
            "the request was not handled within " + patience.toMillis() + " ms",
            "come back in a second; the limit is limits.requestsAtOnce in config.yaml",
            COME_BACK));
  }
}
