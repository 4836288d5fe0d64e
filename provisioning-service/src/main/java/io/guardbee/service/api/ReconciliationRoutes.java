package io.guardbee.service.api;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.feed.FeedMessage.Window;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.revocation.Receipt;
import io.guardbee.service.revocation.Reconciliation;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.revocation.UnconfirmedCertificates.Unconfirmed;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Certificates of which the records are lost since a restore; for operators. */
public final class ReconciliationRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(ReconciliationRoutes.class);
  private static final int LARGEST_PAGE = 1000;

  private final Reconciliation reconciliation;
  private final Callers callers;
  private final JsonMapper json;

  public ReconciliationRoutes(Reconciliation reconciliation, Callers callers, JsonMapper json) {
    this.reconciliation = reconciliation;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/restore/certificates", this::list);
    routes.post("/v1/restore/certificates", this::decide);
  }

  private record Page(List<Window> windows, List<Unconfirmed> certificates) {}

  private void list(Context context) {
    callers.requireOperator(context);
    String after = Objects.requireNonNullElse(context.queryParam("after"), "");
    String limit = Objects.requireNonNullElse(context.queryParam("limit"), "" + LARGEST_PAGE);
    if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > LARGEST_PAGE) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "limit " + Quoted.of(limit) + " is not a page size",
          "give a number from 1 to " + LARGEST_PAGE);
    }
    answer(
        context,
        new Page(
            reconciliation.unconfirmed().windows(),
            reconciliation.unconfirmed().list(after, Integer.parseInt(limit))));
  }

  /**
   * A decision.
   *
   * @param decision {@code adopt} or {@code revoke}
   * @param serials of certificates that brokers have reported
   * @param certificate PEM, of one that is at hand
   * @param reason for a revocation
   */
  private record Request(
      @Nullable String decision,
      @Nullable List<String> serials,
      @Nullable String certificate,
      @Nullable String reason) {}

  private record Decided(List<String> adopted, List<Receipt> receipts) {}

  private void decide(Context context) throws InterruptedException {
    Actor operator = Actor.operator(callers.requireOperator(context).name());
    Request request = JsonBody.ofOperator(json, context.bodyAsBytes(), Request.class);
    if ((request.serials() == null) == (request.certificate() == null)) {
      throw malformed("the request does not name certificates");
    }
    List<X509Certificate> certificates = certificates(request);
    Decided decided =
        switch (Objects.requireNonNullElse(request.decision(), "")) {
          case "adopt" -> new Decided(reconciliation.adopt(certificates, operator), List.of());
          case "revoke" -> new Decided(List.of(), revoke(certificates, request, operator));
          default -> throw malformed("there is no decision");
        };
    LOG.info("{} decided after the restore: {}", operator, decided);
    answer(context, decided);
  }

  private List<X509Certificate> certificates(Request request) {
    String certificate = request.certificate();
    if (certificate != null) {
      return List.of(Pem.parseCertificates(certificate).get(0));
    }
    List<String> serials = Objects.requireNonNull(request.serials());
    if (serials.isEmpty() || serials.size() > LARGEST_PAGE || serials.contains(null)) {
      throw malformed("there are " + serials.size() + " serials, or one of them is null");
    }
    return serials.stream()
        .distinct()
        .map(serial -> reconciliation.reported(Serial.parse(serial.replace(":", ""))))
        .toList();
  }

  private List<Receipt> revoke(List<X509Certificate> certificates, Request request, Actor by)
      throws InterruptedException {
    String code = request.reason();
    RevocationReason reason =
        code == null ? RevocationReason.UNSPECIFIED : RevocationReason.parse(code);
    List<Receipt> receipts = new ArrayList<>();
    for (X509Certificate one : certificates) {
      receipts.add(reconciliation.revoke(one, reason, by));
    }
    return receipts;
  }

  private static RefusedException malformed(String what) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        what,
        "give decision (adopt or revoke), and either 1 to "
            + LARGEST_PAGE
            + " serials or one certificate (PEM)");
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
