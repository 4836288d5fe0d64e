package io.guardbee.service.approval;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs questions so that the webhook knows who asks, and when: {@code t=<seconds since
 * 1970>,v1=<HMAC-SHA256 in hexadecimal>} over the seconds, a full stop, and the body.
 */
final class Seal {

  static final String HEADER = "Guardbee-Signature";

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  Seal(byte[] secret) {
    this.key = new SecretKeySpec(secret, ALGORITHM);
  }

  String of(byte[] body, Instant at) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((at.getEpochSecond() + ".").getBytes(StandardCharsets.US_ASCII));
      return "t=" + at.getEpochSecond() + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
