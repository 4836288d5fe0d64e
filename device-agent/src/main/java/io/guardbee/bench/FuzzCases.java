package io.guardbee.bench;

import io.guardbee.agent.enrol.EnrolToken;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * Requests that are almost right: each is made from a good one, damaged in one layer. The same seed
 * gives the same requests. Not thread-safe.
 */
final class FuzzCases {

  /** What is damaged. */
  enum Kind {
    CSR,
    BASE64,
    BASIC,
    LABEL,
    JSON,
    HEADERS,
    FRAMING
  }

  /**
   * One request.
   *
   * @param text as it goes over the wire, an octet a character
   */
  record Case(Kind kind, String text) {

    static Case of(Kind kind, byte[] octets) {
      return new Case(kind, new String(octets, StandardCharsets.ISO_8859_1));
    }

    byte[] octets() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static final String EST = "/.well-known/est";
  private static final List<String> OPERATIONS =
      List.of("/simpleenroll", "/simplereenroll", "/serverkeygen", "/csrattrs", "/cacerts");
  private static final List<String> TRICKS =
      List.of(
          "Content-Length: 5",
          "Transfer-Encoding: chunked",
          "Content-Type: text/plain",
          "Content-Type: application/pkcs10, text/html",
          "Authorization: Basic",
          "Authorization: Basic !!!!",
          "Authorization: Bearer x",
          "Expect: 100-continue",
          "Content-Encoding: gzip",
          "Content-Transfer-Encoding: quoted-printable",
          "Guardbee-Key-Claim: always",
          "X-Forwarded-For: \u0000",
          "Host: other",
          "Connection: close, keep-alive",
          "Accept: " + "a,".repeat(200));
  private final Random random;
  private final Mutation mutation;
  private final RestCases rest;
  private final String host;

  FuzzCases(long seed, String host) {
    this.random = new Random(seed);
    this.mutation = new Mutation(random);
    this.host = host;
    this.rest = new RestCases(random, mutation, host);
  }

  /** The next one, from that good request for that device. */
  Case next(String deviceId, EnrolToken token, byte[] csr) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    String basic = base64(deviceId + ":" + token.value());
    String good = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(csr);
    String enroll = EST + "/simpleenroll";
    return switch (kind) {
      case CSR -> {
        byte[] damaged = mutation.of(csr);
        yield post(kind, enroll, basic, "", Base64.getEncoder().encode(damaged));
      }
      case BASE64 -> post(kind, enroll, basic, "", mutation.of(ascii(good)));
      case BASIC -> post(kind, enroll, line(mutation.of(ascii(basic))), "", ascii(good));
      case LABEL -> post(kind, EST + "/" + label() + operation(), basic, "", ascii(good));
      case JSON -> Case.of(kind, rest.next(deviceId));
      case HEADERS -> post(kind, EST + operation(), basic, tricks(), ascii(good));
      case FRAMING -> {
        Case whole = post(kind, EST + operation(), basic, tricks(), ascii(good));
        yield Case.of(kind, mutation.of(whole.octets()));
      }
    };
  }

  private Case post(Kind kind, String path, String basic, String headers, byte[] body) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        ascii(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\nContent-Type: application/pkcs10\r\nAuthorization: Basic "
                + basic
                + "\r\n"
                + headers
                + "Content-Length: "
                + body.length
                + "\r\n\r\n"));
    request.writeBytes(body);
    return Case.of(kind, request.toByteArray());
  }

  private String operation() {
    return OPERATIONS.get(random.nextInt(OPERATIONS.size()));
  }

  private String label() {
    return new String(mutation.of(ascii("sensor")), StandardCharsets.ISO_8859_1)
        .replaceAll("[\\r\\n ]", "%00");
  }

  private String tricks() {
    StringBuilder headers = new StringBuilder();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      headers.append(TRICKS.get(random.nextInt(TRICKS.size()))).append("\r\n");
    }
    return headers.toString();
  }

  private static String line(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1).replaceAll("[\\r\\n]", "");
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
