package io.guardbee.service.est;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.est.EstEnrolment.Connection;
import io.guardbee.service.est.EstEnrolment.Issued;
import io.guardbee.service.est.EstEnrolment.IssuedWithKey;
import io.guardbee.service.est.EstEnrolment.Visitor;
import io.guardbee.service.est.EstEnrolment.Wish;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.io.EndPoint;

/** The EST operations (RFC 7030 §3.2.2), with and without a label. */
public final class EstRoutes implements HttpServer.Routes {

  static final String CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only";

  /** When to renew: somewhere between these two moments. A hint, as RFC 9773's is for ACME. */
  private static final String RENEWAL_WINDOW = "Guardbee-Renewal-Window";

  private static final String BASE = "/.well-known/est";
  private static final String REQUEST = "application/pkcs10";
  private static final int NO_CONTENT = 204;

  private final Authorities authorities;
  private final Profiles profiles;
  private final EstEnrolment enrolment;
  private final Callers callers;

  public EstRoutes(
      Authorities authorities, Profiles profiles, EstEnrolment enrolment, Callers callers) {
    this.authorities = authorities;
    this.profiles = profiles;
    this.enrolment = enrolment;
    this.callers = callers;
  }

  @Override
  public void register(RoutesConfig routes) {
    for (String base : List.of(BASE, BASE + "/{label}")) {
      routes.get(base + "/cacerts", this::caCertificates);
      routes.get(base + "/csrattrs", this::requestAttributes);
      routes.post(base + "/simpleenroll", this::simpleEnroll);
      routes.post(base + "/simplereenroll", this::simpleReenroll);
      routes.post(base + "/serverkeygen", this::serverKey);
    }
  }

  /** RFC 7030 §4.1. */
  private void caCertificates(Context context) {
    callers.noteUse(context);
    byte[] der = EstMessage.certificates(authorities.certificates());
    int line = profile(context).est().lineLength();
    answer(context, CERTIFICATES, EstMessage.encode(der, line));
  }

  /** RFC 7030 §4.5. */
  private void requestAttributes(Context context) {
    Profile profile = profile(context);
    Optional<byte[]> der = new CsrAttributes(profile, binding(context).isKnown()).der();
    if (der.isEmpty()) {
      context.status(NO_CONTENT); // RFC 7030 §4.5.2
    } else {
      answer(
          context,
          "application/csrattrs",
          EstMessage.encode(der.get(), profile.est().lineLength()));
    }
  }

  private void simpleEnroll(Context context) {
    requireRequest(context);
    answer(context, enrolment.enrol(visitor(context), wish(context)));
  }

  private void simpleReenroll(Context context) {
    requireRequest(context);
    answer(context, enrolment.renew(visitor(context), wish(context)));
  }

  /** RFC 7030 §4.4. */
  private void serverKey(Context context) {
    requireRequest(context);
    IssuedWithKey issued = enrolment.enrolWithNewKey(visitor(context), wish(context));
    KeyAnswer answer = new KeyAnswer(issued.key(), issued.issued());
    context.header("Cache-Control", "no-store");
    answer(context, answer.contentType(), answer.body());
  }

  /** The content type of a request (RFC 7030 §4.2.1); some clients tell none. */
  private static void requireRequest(Context context) {
    List<String> types = Collections.list(context.req().getHeaders("Content-Type"));
    if (types.size() > 1) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "the request carries " + types.size() + " Content-Type headers",
          "send one: " + REQUEST);
    }
    if (!types.isEmpty()
        && !types.get(0).split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(REQUEST)) {
      throw new RefusedException(
          Reason.MEDIA_TYPE_UNSUPPORTED,
          "content type " + Quoted.of(types.get(0)) + " is not a certificate request's",
          "send the request as " + REQUEST + ", with curl -H 'Content-Type: " + REQUEST + "'");
    }
  }

  private Visitor visitor(Context context) {
    return new Visitor(
        BasicCredentials.read(Collections.list(context.req().getHeaders("Authorization"))),
        () -> callers.identifyForEnrolment(context),
        Callers.shown(context));
  }

  private static Wish wish(Context context) {
    String claim = context.header(KeyClaim.HEADER);
    return new Wish(
        label(context),
        new String(context.bodyAsBytes(), StandardCharsets.ISO_8859_1),
        claim == null ? null : KeyClaim.parse(claim),
        new Connection(context.ip(), binding(context)));
  }

  private static ChannelBinding binding(Context context) {
    return context.req().getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
            instanceof EndPoint.SslSessionData tls
        ? ChannelBinding.of(tls.sslSession())
        : ChannelBinding.NONE;
  }

  private static Optional<String> label(Context context) {
    return Optional.ofNullable(context.pathParamMap().get("label"));
  }

  /** Only who belongs here is told which profiles there are. */
  private Profile profile(Context context) {
    String name = label(context).orElse(Profiles.DEFAULT);
    if (!profiles.isDevices(name) && !callers.isKnown(context)) {
      throw new RefusedException(
          Reason.NOT_FOUND,
          "there is no EST service with the label " + Quoted.of(name),
          "use the address that the operator gave for this kind of device");
    }
    return profiles.device(name);
  }

  private static void answer(Context context, Issued issued) {
    Instant due =
        issued
            .profile()
            .renewal()
            .due(
                issued.certificate().getNotBefore().toInstant(),
                issued.certificate().getNotAfter().toInstant());
    context.header(
        RENEWAL_WINDOW, due + "/" + due.plus(issued.profile().renewal().jitter())); // ISO 8601
    byte[] der = EstMessage.certificates(List.of(issued.certificate()));
    answer(context, CERTIFICATES, EstMessage.encode(der, issued.profile().est().lineLength()));
  }

  /** With its length told, and as it is: small clients read neither chunks nor gzip. */
  private static void answer(Context context, String contentType, String body) {
    byte[] octets = body.getBytes(StandardCharsets.US_ASCII);
    context.disableCompression();
    if (!contentType.startsWith("multipart/")) {
      // RFC 8951 §3.1 has clients ignore it; BouncyCastle's reads base64 only where it is told
      context.header("Content-Transfer-Encoding", "base64");
    }
    context.res().setContentLength(octets.length);
    context.contentType(contentType).result(octets);
  }
}
