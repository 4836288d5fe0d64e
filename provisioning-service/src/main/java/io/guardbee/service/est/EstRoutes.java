package io.guardbee.service.est;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.est.EstEnrolment.Credentials;
import io.guardbee.service.est.EstEnrolment.Wish;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The EST operations (RFC 7030 §3.2.2), with and without a label. */
public final class EstRoutes implements HttpServer.Routes {

  private static final String BASE = "/.well-known/est";
  private static final String CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only";

  private final Authorities authorities;
  private final EstEnrolment enrolment;
  private final Callers callers;

  public EstRoutes(Authorities authorities, EstEnrolment enrolment, Callers callers) {
    this.authorities = authorities;
    this.enrolment = enrolment;
    this.callers = callers;
  }

  @Override
  public void register(RoutesConfig routes) {
    for (String base : List.of(BASE, BASE + "/{label}")) {
      routes.get(base + "/cacerts", context -> answer(context, authorities.certificates()));
      routes.post(base + "/simpleenroll", this::simpleEnroll);
      routes.post(base + "/simplereenroll", this::simpleReenroll);
    }
  }

  private void simpleEnroll(Context context) {
    X509Certificate issued = enrolment.enrol(credentials(context), wish(context));
    answer(context, List.of(issued));
  }

  private void simpleReenroll(Context context) {
    X509Certificate issued = enrolment.renew(callers.requireDevice(context), wish(context));
    answer(context, List.of(issued));
  }

  private static Wish wish(Context context) {
    String claim = context.header(KeyClaim.HEADER);
    return new Wish(
        Optional.ofNullable(context.pathParamMap().get("label")),
        new String(context.bodyAsBytes(), StandardCharsets.ISO_8859_1),
        claim == null ? null : KeyClaim.parse(claim),
        context.ip());
  }

  private static void answer(Context context, List<X509Certificate> certificates) {
    context.contentType(CERTIFICATES).result(EstMessage.certificates(certificates));
  }

  /** HTTP Basic: user = device id, password = one-time token (RFC 7617). */
  private static Credentials credentials(Context context) {
    String header = context.header("Authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith("basic ")) {
      try {
        byte[] octets = Base64.getDecoder().decode(header.substring("basic ".length()).strip());
        String[] parts = new String(octets, StandardCharsets.UTF_8).split(":", 2);
        if (parts.length == 2 && !parts[1].isEmpty()) {
          return new Credentials(parts[0], parts[1]);
        }
      } catch (IllegalArgumentException e) {
        // not base64: refused below like a missing header
      }
    }
    throw new RefusedException(
        Reason.TOKEN_MISSING,
        "the request carries no one-time token",
        "send HTTP Basic: user = device id, password = the token of guardbee device grant");
  }
}
