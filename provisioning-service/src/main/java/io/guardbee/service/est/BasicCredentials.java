package io.guardbee.service.est;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.est.EstEnrolment.Credentials;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** HTTP Basic (RFC 7617): user = device id, password = one-time token. */
final class BasicCredentials {

  private static final String SCHEME = "basic ";

  private BasicCredentials() {}

  /**
   * Reads the Authorization headers of a request.
   *
   * @return empty when there are none
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when there are several, or what is
   *     there does not read; {@link Reason#TOKEN_MISSING} for another scheme or no password
   */
  static Optional<Credentials> read(List<String> headers) {
    if (headers.isEmpty()) {
      return Optional.empty();
    }
    if (headers.size() > 1) {
      // which of them counts is for nobody to guess: whoever stands between could choose
      throw malformed(headers.size() + " Authorization headers");
    }
    String header = headers.get(0);
    if (!header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      throw Visitors.tokenMissing();
    }
    String pair = text(header.substring(SCHEME.length()).strip());
    int colon = pair.lastIndexOf(':'); // a device id may hold colons, a token never does
    if (colon < 0 || colon == pair.length() - 1) {
      throw Visitors.tokenMissing();
    }
    if (pair.chars().anyMatch(Character::isISOControl)) {
      throw malformed("HTTP Basic with a control character"); // RFC 7617 §2
    }
    return Optional.of(new Credentials(pair.substring(0, colon), pair.substring(colon + 1)));
  }

  private static String text(String token68) {
    try {
      byte[] octets = Base64.getDecoder().decode(token68);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (IllegalArgumentException e) {
      throw malformed("HTTP Basic that is not base64");
    } catch (CharacterCodingException e) {
      throw malformed("HTTP Basic that is not UTF-8");
    }
  }

  private static RefusedException malformed(String what) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the request carries " + what,
        "send one header Authorization: Basic base64(device id:token)");
  }
}
