package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses a body by the length that its head declares, before an octet of it is awaited. A few
 * routes take larger bodies of operators and brokers, and refuse them in the same way.
 */
final class DeclaredSize extends Handler.Wrapper {

  private static final Set<String> LARGER =
      Set.of("/v1/policy", "/v1/broker/report", "/v1/broker/policy");

  private final int most;
  private final Predicate<Request> isPrivileged;

  /**
   * @param most octets
   */
  DeclaredSize(int most, Predicate<Request> isPrivileged) {
    this.most = most;
    this.isPrivileged = isPrivileged;
  }

  /** Whether the route bounds its body itself. */
  static boolean isLarger(Request request) {
    return LARGER.contains(Request.getPathInContext(request));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() <= most
        || BodyDeadline.isStream(request)
        || (isLarger(request) && isPrivileged.test(request))) {
      return super.handle(request, response, callback);
    }
    HttpLayerErrors.refuse(
        new HttpLayerErrors.Exchange(request, response, callback), tooLarge(most));
    return true;
  }

  static RefusedException tooLarge(int most) {
    return new RefusedException(
        Reason.REQUEST_TOO_LARGE,
        "the body has more than " + most + " octets",
        "send one request of normal size; the limit is limits.requestBytes in config.yaml");
  }
}
