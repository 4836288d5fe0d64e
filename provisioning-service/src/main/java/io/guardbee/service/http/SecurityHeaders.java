package io.guardbee.service.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Headers that every answer has: browsers come back over HTTPS only (RFC 6797) and guess no media
 * type, and nobody keeps an answer, which may hold a token or a key, unless its route says that it
 * is public.
 */
final class SecurityHeaders implements HttpConfiguration.Customizer {

  private static final String ONE_YEAR = "max-age=31536000";

  @Override
  public Request customize(Request request, HttpFields.Mutable headers) {
    put(request, headers);
    return request;
  }

  /** Also for an error, before which Jetty forgets the headers. */
  static void put(Request request, HttpFields.Mutable headers) {
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    if (isTls(request)) {
      headers.put("Strict-Transport-Security", ONE_YEAR);
    }
  }

  /** By the connection: a request that does not read has no scheme. */
  private static boolean isTls(Request request) {
    return request.getConnectionMetaData().getConnection().getEndPoint()
        instanceof SslConnection.SslEndPoint;
  }
}
