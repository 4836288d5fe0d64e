package io.guardbee.service.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The method that routes are chosen by. HEAD is handled as GET, so that both have the same status
 * and headers (RFC 9110 §9.3.2): Javalin would answer HEAD with 200 without asking the route. Jetty
 * keeps the true method and sends no body. The header by which Javalin lets a request name another
 * method than its own is taken away.
 */
public final class RequestMethods extends Handler.Wrapper {

  private static final String IS_HEAD = "io.guardbee.head";
  private static final String OVERRIDE = "X-HTTP-Method-Override";

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Request seen = request;
    if (request.getHeaders().contains(OVERRIDE)) {
      seen = withoutOverride(seen);
    }
    if (HttpMethod.HEAD.is(request.getMethod())) {
      request.setAttribute(IS_HEAD, true);
      seen = asGet(seen);
    }
    return super.handle(seen, response, callback);
  }

  private static Request withoutOverride(Request request) {
    HttpFields headers = HttpFields.build(request.getHeaders()).remove(OVERRIDE).asImmutable();
    return new Request.Wrapper(request) {
      @Override
      public HttpFields getHeaders() {
        return headers;
      }
    };
  }

  private static Request asGet(Request request) {
    return new Request.Wrapper(request) {
      @Override
      public String getMethod() {
        return HttpMethod.GET.asString();
      }
    };
  }

  /** Whether the client wants the head of GET's answer only; for routes whose answer has no end. */
  public static boolean isHead(Context context) {
    return context.req().getAttribute(IS_HEAD) != null;
  }

  /** The method that the client sent. */
  public static HandlerType sent(Context context) {
    return isHead(context) ? HandlerType.HEAD : context.method();
  }
}
