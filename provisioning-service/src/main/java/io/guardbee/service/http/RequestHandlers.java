package io.guardbee.service.http;

import io.guardbee.service.config.Config;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.EagerContentHandler;

/** What a request passes before it is given a thread of its own. */
final class RequestHandlers {

  static final int OPERATORS_AT_ONCE = 64;

  private static final int BODY_MEMORY = 64 * 1024 * 1024;

  private final ConnectionShares shares;
  private final Arrivals arrivals;
  private final Config.Limits limits;

  RequestHandlers(ConnectionShares shares, Arrivals arrivals, Config.Limits limits) {
    this.shares = shares;
    this.arrivals = arrivals;
    this.limits = limits;
  }

  /** In the order in which a request passes them. */
  Handler all() {
    Duration patience = limits.requestTime();
    int most = limits.requestBytes();
    return chain(
        List.of(
            new RequestMethods(),
            new RequestAdmission(limits.requestsPerAddress(), arrivals, this::isPrivileged),
            new LingeringClose(),
            new DeclaredSize(most, this::isPrivileged),
            new BodyDeadline(patience, new BodiesInFlight(BODY_MEMORY / most), this::isPrivileged),
            new EagerContentHandler(
                new WholeBodies(most, this::isPrivileged, BodyDeadline::isStream)),
            new RequestQueue(
                limits.requestsAtOnce(),
                patience,
                request -> !isPrivileged(request),
                request -> shares.busy(endPoint(request))),
            new RequestQueue(OPERATORS_AT_ONCE, patience, this::isOperators, request -> {})));
  }

  private static Handler chain(List<Handler.Wrapper> handlers) {
    for (int i = 1; i < handlers.size(); i++) {
      handlers.get(i - 1).setHandler(handlers.get(i));
    }
    return handlers.get(0);
  }

  private boolean isPrivileged(Request request) {
    return shares.isPrivileged(endPoint(request));
  }

  /** Brokers' requests never wait: the feeds are limited in number, all others are short. */
  private boolean isOperators(Request request) {
    String path = Request.getPathInContext(request);
    return isPrivileged(request)
        && !path.startsWith("/v1/feed")
        && !path.startsWith("/v1/broker/")
        && !BodyDeadline.isStream(request);
  }

  private static EndPoint endPoint(Request request) {
    return Arrivals.outermost(request.getConnectionMetaData().getConnection());
  }
}
