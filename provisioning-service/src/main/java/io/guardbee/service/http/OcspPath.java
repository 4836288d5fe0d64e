package io.guardbee.service.http;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Takes the question of an OCSP GET (RFC 6960 §A.1) out of its path: base64 has slashes, encoded or
 * not, which no path that means a resource may have. Every other path with such is refused as
 * before.
 */
final class OcspPath implements HttpConfiguration.Customizer {

  static final UriCompliance LETS_THROUGH =
      UriCompliance.DEFAULT.with(
          "OCSP", Violation.AMBIGUOUS_PATH_SEPARATOR, Violation.AMBIGUOUS_EMPTY_SEGMENT);

  private static final String PATH = "/ocsp";

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    HttpURI uri = request.getHttpURI();
    String path = uri.getPath();
    if (path != null && path.startsWith(PATH + "/")) {
      request.setAttribute(HttpServer.OCSP_QUESTION, path.substring(PATH.length() + 1));
      return Request.serveAs(request, HttpURI.build(uri).path(PATH).asImmutable());
    }
    if (uri.hasViolations()) {
      throw new HttpException.RuntimeException(400, "Ambiguous URI");
    }
    return request;
  }
}
