package io.guardbee.service.api;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.crl.RevocationList;
import io.guardbee.service.crl.RevocationLists;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.ocsp.OcspAnswer;
import io.guardbee.service.ocsp.OcspResponder;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;

/**
 * What an authority publishes, over plain HTTP too (RFC 5280 §8 warns of https there): lists of
 * revoked certificates, answers about single ones, the authorities' own certificates.
 */
public final class PublicationRoutes implements HttpServer.Routes {

  /**
   * How long a cache may give out a list or an OCSP answer. A revocation makes new ones
   * immediately: copies of the old ones must not live long.
   */
  private static final Duration STATUS_AGE = Duration.ofMinutes(1);

  private static final Duration CERTIFICATE_AGE = Duration.ofDays(1);
  private static final String QUESTION = "application/ocsp-request";
  private static final String ANSWER = "application/ocsp-response";

  private final Authorities authorities;
  private final RevocationLists lists;
  private final OcspResponder ocsp;
  private final Path ca;
  private final Clock clock;

  /**
   * @param ca the directory {@code ca/} of the home, where a ceremony puts the root's list
   */
  public PublicationRoutes(
      Authorities authorities, RevocationLists lists, OcspResponder ocsp, Path ca, Clock clock) {
    this.authorities = authorities;
    this.lists = lists;
    this.ocsp = ocsp;
    this.ca = ca;
    this.clock = clock;
  }

  @Override
  public void register(RoutesConfig routes) {
    for (String role : AuthorityFiles.ROLES) {
      String current = authorities.byRole(role).name();
      list(routes, role, new Listed(role, current));
      for (X509Certificate certificate : authorities.believed(role)) {
        String name = Authority.name(role, certificate);
        list(routes, name, new Listed(role, name));
        certificate(routes, name, certificate);
      }
    }
    certificate(routes, "root", authorities.root());
    routes.get(Publication.listPath("root"), this::rootList);
    routes.get("/ocsp", this::asked);
    routes.post("/ocsp", this::posted);
  }

  private record Listed(String role, String authority) {}

  private void list(RoutesConfig routes, String name, Listed listed) {
    routes.get(Publication.listPath(name), context -> list(context, listed));
  }

  private void certificate(RoutesConfig routes, String name, X509Certificate certificate) {
    routes.get(Publication.certificatePath(name), context -> certificate(context, certificate));
  }

  private void list(Context context, Listed listed) {
    Instant now = clock.instant();
    RevocationList list =
        lists
            .of(listed.role(), listed.authority())
            .filter(found -> now.isBefore(found.nextUpdate()))
            .orElseThrow(PublicationRoutes::noList);
    Duration left = Duration.between(now, list.nextUpdate());
    new Published(
            "application/pkix-crl", // RFC 2585 §4.2
            list.authority() + "-" + list.number(),
            list.thisUpdate(),
            atMost(left))
        .send(context, list.der());
  }

  private static RefusedException noList() {
    return new RefusedException(
        Reason.MODULE_FAILED,
        "there is no list of revoked certificates that is good now",
        "come back in a minute; see the service's log for why it is not signed",
        STATUS_AGE);
  }

  /** Signed in a ceremony; nothing renews it by itself, and it is given as it is. */
  private void rootList(Context context) throws IOException {
    Path file = ca.resolve("root.crl");
    if (!Files.exists(file)) {
      throw new RefusedException(
          Reason.NOT_FOUND,
          "the root has signed no list of revoked authorities",
          "hold the ceremony guardbee ca crl");
    }
    byte[] der = Pem.der("X509 CRL", Files.readString(file, StandardCharsets.US_ASCII));
    new Published(
            "application/pkix-crl",
            Fingerprint.of(der).hex(),
            Files.getLastModifiedTime(file).toInstant(),
            STATUS_AGE)
        .send(context, der);
  }

  private void certificate(Context context, X509Certificate certificate)
      throws CertificateEncodingException {
    new Published(
            "application/pkix-cert", // RFC 2585 §4.1
            Fingerprint.of(certificate).hex(),
            certificate.getNotBefore().toInstant(),
            CERTIFICATE_AGE)
        .send(context, certificate.getEncoded());
  }

  /** RFC 6960 §A.1, with the question at the end of the path. */
  private void asked(Context context) {
    String question = context.attribute(HttpServer.OCSP_QUESTION);
    answer(context, question == null ? new byte[0] : decoded(question));
  }

  /** Percent-encoded base64, from which some clients leave out the one or the other. */
  private static byte[] decoded(String question) {
    try {
      String base64 = URLDecoder.decode(question.replace("+", "%2B"), StandardCharsets.US_ASCII);
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0]; // which is no request, and told so
    }
  }

  private void posted(Context context) {
    String type = context.contentType();
    if (type != null && !type.strip().toLowerCase(Locale.ROOT).startsWith(QUESTION)) {
      throw new RefusedException(
          Reason.MEDIA_TYPE_UNSUPPORTED,
          "OCSP questions come as " + QUESTION,
          "send that Content-Type with the DER of an OCSPRequest");
    }
    answer(context, context.bodyAsBytes());
  }

  private void answer(Context context, byte[] question) {
    OcspAnswer answer = ocsp.answer(question);
    OcspAnswer.Life life = answer.life();
    if (life == null) {
      context.disableCompression();
      context.header("Cache-Control", "no-store").contentType(ANSWER).result(answer.der());
      return;
    }
    Duration left = Duration.between(clock.instant(), life.next());
    new Published( // RFC 5019 §6.2
            ANSWER, Fingerprint.of(answer.der()).hex(), life.produced(), atMost(left))
        .send(context, answer.der());
  }

  /** RFC 5019 §6.2: at most until nextUpdate, and no longer than a copy may live. */
  private static Duration atMost(Duration left) {
    if (left.isNegative()) {
      return Duration.ZERO;
    }
    return left.compareTo(STATUS_AGE) < 0 ? left : STATUS_AGE;
  }
}
