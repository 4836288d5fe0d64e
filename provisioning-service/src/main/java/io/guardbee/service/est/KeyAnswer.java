package io.guardbee.service.est;

import io.guardbee.service.serverkey.PackedKey;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;

/** A key with its certificate as one multipart/mixed answer (RFC 7030 §4.4.2, RFC 2046 §5.1). */
final class KeyAnswer {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BOUNDARY_BITS = 128;

  private final String boundary = "guardbee-" + new BigInteger(BOUNDARY_BITS, RANDOM).toString(36);
  private final String body;

  KeyAnswer(PackedKey key, EstEnrolment.Issued issued) {
    int line = issued.profile().est().lineLength();
    byte[] certificate = EstMessage.certificates(List.of(issued.certificate()));
    this.body =
        part(key.contentType(), EstMessage.encode(key.content(), line))
            + part(EstRoutes.CERTIFICATES, EstMessage.encode(certificate, line))
            + "--"
            + boundary
            + "--\r\n";
  }

  /** Unlike HTTP, a MIME part tells its encoding (RFC 2045 §6.1). */
  private String part(String contentType, String base64) {
    return "--"
        + boundary
        + "\r\nContent-Type: "
        + contentType
        + "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64
        + "\r\n";
  }

  String contentType() {
    return "multipart/mixed; boundary=" + boundary;
  }

  String body() {
    return body;
  }
}
