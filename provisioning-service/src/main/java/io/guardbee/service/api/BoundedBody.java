package io.guardbee.service.api;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.javalin.http.Context;
import java.io.IOException;

/**
 * The body of a request that may be larger than most: to be read only when it is known who sends
 * it.
 */
final class BoundedBody {

  private BoundedBody() {}

  /**
   * Reads it whole.
   *
   * @param most octets
   * @throws RefusedException {@link Reason#REQUEST_TOO_LARGE}
   */
  static byte[] read(Context context, int most) throws IOException {
    if (context.req().getContentLengthLong() > most) { // known before any of it is here
      throw tooLarge(most);
    }
    byte[] octets = context.req().getInputStream().readNBytes(most + 1);
    if (octets.length > most) {
      throw tooLarge(most);
    }
    return octets;
  }

  private static RefusedException tooLarge(int most) {
    return new RefusedException(
        Reason.REQUEST_TOO_LARGE,
        "the body has more than " + most + " octets",
        "send less at one time");
  }
}
