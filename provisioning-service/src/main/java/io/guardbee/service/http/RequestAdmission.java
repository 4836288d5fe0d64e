package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.limit.Network;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets a network have so many requests under way, from the head of each to the end of its answer.
 * Operators and brokers are not counted. Thread-safe.
 */
final class RequestAdmission extends Handler.Wrapper {

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final int perNetwork;
  private final Arrivals arrivals;
  private final Predicate<Request> isPrivileged;
  private final Map<Network, Integer> underWay = new ConcurrentHashMap<>();

  /**
   * @param arrivals told of each request
   */
  RequestAdmission(int perNetwork, Arrivals arrivals, Predicate<Request> isPrivileged) {
    this.perNetwork = perNetwork;
    this.arrivals = arrivals;
    this.isPrivileged = isPrivileged;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Connection connection = request.getConnectionMetaData().getConnection();
    arrivals.begun(connection);
    Request.addCompletionListener(request, failure -> arrivals.ended(connection));
    if (isPrivileged.test(request)) {
      return super.handle(request, response, callback);
    }
    Network network = Network.of(String.valueOf(Request.getRemoteAddr(request)));
    int own = underWay.merge(network, 1, Integer::sum);
    Request.addCompletionListener(request, failure -> leave(network));
    if (own > perNetwork) {
      HttpLayerErrors.refuse(
          new HttpLayerErrors.Exchange(request, response, callback), tooMany(network));
      return true;
    }
    return super.handle(request, response, callback);
  }

  private void leave(Network network) {
    underWay.computeIfPresent(network, (key, own) -> own == 1 ? null : own - 1);
  }

  private RefusedException tooMany(Network network) {
    return new RefusedException(
        Reason.RATE_LIMITED,
        "address " + network + " has " + perNetwork + " requests under way",
        "come back in a second; the limit is limits.requestsPerAddress",
        COME_BACK);
  }
}
