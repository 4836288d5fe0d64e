package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Refuses REST requests that a page of another site makes a browser send with the operator's
 * certificate, and bodies of a media type that such a page may send without being asked (Fetch
 * standard, "CORS-safelisted request-header"). Programs that are not browsers send neither {@code
 * Origin} nor {@code Sec-Fetch-Site}.
 */
final class CrossSiteFilter {

  private static final String REST = "/v1/";
  private static final Set<String> OWN = Set.of("same-origin", "none");

  private static final List<String> JSON = List.of("application/json");
  private static final List<String> LINES = List.of("application/x-ndjson");
  private static final List<String> REQUEST = List.of("application/pkcs10");
  private static final List<String> DOCUMENT =
      List.of(
          "application/octet-stream",
          "application/pkcs10",
          "application/pkix-cert",
          "application/x-pem-file");

  void admit(Context context) {
    if (!context.path().startsWith(REST)) {
      return; // EST has its own rules, and what is public changes nothing
    }
    requireSameOrigin(context);
    if (hasBody(context)) {
      requireMediaType(context, expected(context.path()));
    }
  }

  private static void requireSameOrigin(Context context) {
    String own = "https://" + context.header("Host");
    for (String origin : values(context, "Origin")) {
      if (!origin.equalsIgnoreCase(own)) {
        throw crossSite("Origin " + Quoted.of(origin));
      }
    }
    for (String site : values(context, "Sec-Fetch-Site")) {
      if (!OWN.contains(site)) {
        throw crossSite("Sec-Fetch-Site " + Quoted.of(site));
      }
    }
  }

  private static RefusedException crossSite(String header) {
    return new RefusedException(
        Reason.CROSS_SITE,
        "a page of another site sent this request: " + header,
        "call this service from its own pages, or from a program that is not a browser");
  }

  private static boolean hasBody(Context context) {
    return context.req().getContentLengthLong() > 0 || context.header("Transfer-Encoding") != null;
  }

  private static List<String> expected(String path) {
    if (path.startsWith("/v1/factory/")) {
      return LINES;
    }
    return switch (path) {
      case "/v1/broker/certificate", "/v1/broker/renewal", "/v1/operators/renewal" -> REQUEST;
      case "/v1/explain" -> DOCUMENT;
      default -> JSON;
    };
  }

  private static void requireMediaType(Context context, List<String> expected) {
    List<String> types = values(context, "Content-Type");
    if (types.size() == 1 && expected.contains(bare(types.get(0)))) {
      return;
    }
    context.header("Accept", String.join(", ", expected)); // RFC 9110 §15.5.16
    throw new RefusedException(
        Reason.MEDIA_TYPE_UNSUPPORTED,
        types.isEmpty()
            ? "the body has no content type"
            : "content type " + Quoted.of(String.join(", ", types)) + " is not taken here",
        "send the body with Content-Type: " + String.join(" or ", expected));
  }

  /** Without parameters such as {@code charset}. */
  private static String bare(String type) {
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  private static List<String> values(Context context, String header) {
    return Collections.list(context.req().getHeaders(header));
  }
}
