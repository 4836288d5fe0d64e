package io.guardbee.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Requests of an operator whose JSON is almost right: every route of {@code /v1} that takes a body,
 * with a good body that is damaged in its octets or in one of its values. The same random source
 * gives the same requests. Not thread-safe.
 */
final class RestCases {

  /**
   * A route and a body that it takes.
   *
   * @param path {@code ID} is a device
   */
  private record Route(String path, String body) {}

  private static final List<Route> ROUTES =
      List.of(
          new Route("/v1/devices/ID/grants", "{\"profile\":\"sensor\",\"validity\":\"PT1H\"}"),
          new Route("/v1/devices/ID/revocation", "{\"reason\":\"keyCompromise\"}"),
          new Route("/v1/revocations", "{\"serial\":\"0A\",\"issuer\":\"issuing\"}"),
          new Route("/v1/revocations", "{\"certificate\":\"MIIB\",\"reason\":\"superseded\"}"),
          new Route("/v1/restore/certificates", "{\"decision\":\"adopt\",\"serials\":[\"0A\"]}"),
          new Route("/v1/devices/ID/suspend", "{\"reason\":\"lost\"}"),
          new Route("/v1/devices/ID/reinstate", "{}"),
          new Route("/v1/approvals/ID", "{\"decision\":\"approve\",\"key\":\"sha256:00\"}"),
          new Route("/v1/approvals/ID", "{\"decision\":\"deny\",\"reason\":\"unknown\"}"),
          new Route(
              "/v1/grants",
              "{\"kind\":\"claim\",\"name\":\"x\",\"profiles\":[\"sensor\"],\"names\":[\"a\"],"
                  + "\"budget\":1,\"until\":\"2030-01-01T00:00:00Z\",\"certificates\":\"MIIB\","
                  + "\"perMinute\":5}"),
          new Route(
              "/v1/grants",
              "{\"kind\":\"station\",\"name\":\"y\",\"profiles\":[\"sensor\"],\"anyName\":true,"
                  + "\"mayReplace\":false}"),
          new Route(
              "/v1/grants",
              "{\"kind\":\"manufacturer\",\"name\":\"z\",\"profiles\":[\"sensor\"],"
                  + "\"certificates\":\"MIIB\",\"idFrom\":\"serialNumber\",\"idPattern\":\"(.*)\","
                  + "\"idTemplate\":\"d-$1\"}"),
          new Route("/v1/grants/y/names", "{\"names\":[\"d-1\",\"d-2\"]}"),
          new Route("/v1/grants/y/withdrawal", "{}"),
          new Route("/v1/factory/import", "{\"deviceId\":\"d-1\",\"profile\":\"sensor\"}\n"),
          new Route("/v1/factory/enroll", "{\"deviceId\":\"d-1\",\"csr\":\"MIIB\"}\n"),
          new Route("/v1/explain", "{\"certificate\":\"MIIB\"}"),
          new Route(
              "/v1/policy",
              "{\"text\":\"version: 1\\nrules: []\\n\",\"mode\":\"observe\",\"comment\":\"c\","
                  + "\"despite\":[\"n\"]}"),
          new Route("/v1/policy/rollback", "{\"to\":1}"),
          new Route("/v1/policy/promote", "{\"despite\":[\"n\"]}"),
          new Route(
              "/v1/operators/nobody/revocation", "{\"reason\":\"superseded\",\"serial\":\"01\"}"),
          new Route("/v1/brokers/nobody/revocation", "{\"reason\":\"superseded\"}"),
          new Route("/v1/operators/renewal", "MIIB"),
          new Route("/v1/broker/report", "{\"node\":\"n\",\"policyVersion\":1}"),
          new Route("/v1/broker/policy", "{\"node\":\"n\",\"version\":1}"),
          new Route("/v1/feed/ack", "{\"node\":\"n\",\"event\":1}"));

  /** In the place of a value. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "[null]",
          "{}",
          "true",
          "-1",
          "1e999",
          "99999999999999999999",
          "\"\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"PT99999999999999H\"",
          "\"+999999999-12-31T23:59:59Z\"",
          "\"" + "n".repeat(60_000) + "\"",
          "1".repeat(1_001),
          "[".repeat(501) + "]".repeat(501));

  /** In the place of the whole body. */
  private static final List<String> WHOLE =
      List.of("", "null", "[]", "0", "{}", "{}{}", "[" + "[".repeat(500), "{\"unknown\":1}");

  private final Random random;
  private final Mutation mutation;
  private final String host;

  RestCases(Random random, Mutation mutation, String host) {
    this.random = random;
    this.mutation = mutation;
    this.host = host;
  }

  /** The next one, as it goes over the wire. */
  byte[] next(String deviceId) {
    Route route = ROUTES.get(random.nextInt(ROUTES.size()));
    byte[] body = damaged(route.body());
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        ascii(
            "POST "
                + route.path().replace("ID", deviceId)
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\nContent-Type: "
                + mediaType(route.path())
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n"));
    request.writeBytes(body);
    return request.toByteArray();
  }

  private byte[] damaged(String good) {
    return switch (random.nextInt(4)) {
      case 0 -> ascii(WHOLE.get(random.nextInt(WHOLE.size())));
      case 1 -> ascii(withAnotherValue(good));
      case 2 -> ascii(good.replaceFirst("\\{", "{" + twice(good)));
      default -> mutation.of(ascii(good));
    };
  }

  /** One of the values after a colon is another. */
  private String withAnotherValue(String good) {
    String[] parts = good.split("(?<=\":)", -1);
    if (parts.length < 2) {
      return VALUES.get(random.nextInt(VALUES.size()));
    }
    int chosen = 1 + random.nextInt(parts.length - 1);
    String value = VALUES.get(random.nextInt(VALUES.size()));
    parts[chosen] = value + parts[chosen].replaceFirst("^(\"[^\"]*\"|\\[[^]]*]|[^,}]*)", "");
    return String.join("", parts);
  }

  /** The first key once more, or one that nobody knows. */
  private String twice(String good) {
    int end = good.indexOf("\":");
    String key = random.nextBoolean() && end > 0 ? good.substring(2, end) : "unknown";
    return "\"" + key + "\":1,";
  }

  private static String mediaType(String path) {
    return switch (path) {
      case "/v1/explain" -> "application/octet-stream";
      case "/v1/operators/renewal" -> "application/pkcs10";
      case "/v1/factory/import", "/v1/factory/enroll" -> "application/x-ndjson";
      default -> "application/json";
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
