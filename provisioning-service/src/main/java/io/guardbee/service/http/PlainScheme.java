package io.guardbee.service.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Has a request over plain HTTP count as that, whatever scheme its absolute target names (RFC 9112
 * §3.2.2): Jetty would take one with {@code https://} for secure.
 */
final class PlainScheme implements HttpConfiguration.Customizer {

  @Override
  public Request customize(Request request, HttpFields.Mutable headers) {
    if (HttpScheme.HTTP.is(request.getHttpURI().getScheme())) {
      return request;
    }
    HttpURI uri = HttpURI.build(request.getHttpURI()).scheme(HttpScheme.HTTP).asImmutable();
    return new Request.Wrapper(request) {
      @Override
      public HttpURI getHttpURI() {
        return uri;
      }

      @Override
      public boolean isSecure() {
        return false;
      }
    };
  }
}
