package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.limit.Rates;
import io.javalin.http.Context;
import java.util.Set;

/** Who may ask at all: over HTTPS, and not too often. Operators and brokers are not counted. */
final class Throttle {

  private static final Set<String> PLAIN =
      Set.of("/readyz", "/ca/root.pem", "/ca/issuing.pem", "/ocsp");

  private static final String EST = "/.well-known/est";

  private final Rates rates;
  private final Callers callers;
  private final Claimed claimed;

  Throttle(Rates rates, Callers callers) {
    this.rates = rates;
    this.callers = callers;
    this.claimed = new Claimed(callers.trusted());
  }

  void admit(Context context) {
    refusePlain(context);
    try {
      rates.admit(context.ip());
      if (context.method().name().equals("POST") && context.path().startsWith(EST)) {
        claimed.caller(context).ifPresent(identity -> rates.admit(identity, context.ip()));
      }
    } catch (RefusedException e) {
      // asked last: it costs a signature and a look into the database
      if (Callers.shown(context).filter(callers::isOperatorOrBroker).isEmpty()) {
        throw e;
      }
    }
  }

  private static void refusePlain(Context context) {
    if (!context.req().isSecure() && !isPublic(context.path())) {
      throw new RefusedException(
          Reason.NOT_FOUND, "this is not served over plain HTTP", "use the https address");
    }
  }

  private static boolean isPublic(String path) {
    return PLAIN.contains(path)
        || path.startsWith("/crl/")
        || (path.startsWith("/ca/") && path.endsWith(".cer"));
  }
}
