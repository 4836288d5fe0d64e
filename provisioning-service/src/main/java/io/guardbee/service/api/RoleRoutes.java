package io.guardbee.service.api;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.http.RoleConnections;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.request.CertificateRequest;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.role.HeldCertificate;
import io.guardbee.service.role.Role;
import io.guardbee.service.role.RoleCertificates;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Certificates of operators and brokers: who has one, renewal by the holder, revocation. */
public final class RoleRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(RoleRoutes.class);
  private static final byte DER_SEQUENCE = 0x30;

  private final Parts parts;
  private final Callers callers;
  private final JsonMapper json;

  /** What it works with. */
  public record Parts(
      RoleCertificates roles,
      RoleConnections connections,
      Issuance issuance,
      InstallationProfiles profiles,
      StatusFeed feed) {}

  public RoleRoutes(Parts parts, Callers callers, JsonMapper json) {
    this.parts = parts;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/operators", context -> list(context, Role.OPERATOR));
    routes.post("/v1/operators/renewal", this::renewOperator);
    routes.post("/v1/operators/{name}/revocation", context -> revoke(context, Role.OPERATOR));
    routes.get("/v1/brokers/certificates", context -> list(context, Role.BROKER));
    routes.post("/v1/broker/renewal", this::renewBroker);
    routes.post("/v1/brokers/{name}/revocation", context -> revoke(context, Role.BROKER));
  }

  private record Certificates(List<HeldCertificate> certificates) {}

  private void list(Context context, Role role) {
    callers.requireOperator(context);
    answer(context, new Certificates(parts.roles().list(role)));
  }

  private void renewOperator(Context context) {
    renew(context, Role.OPERATOR, Actor.operator(callers.requireOperator(context).name()));
  }

  private void renewBroker(Context context) {
    renew(context, Role.BROKER, Actor.broker(callers.requireBroker(context).name()));
  }

  private void renew(Context context, Role role, Actor holder) {
    X509Certificate shown = Callers.shown(context).orElseThrow();
    CertificateRequest request = CertificateRequest.parse(der(context.bodyAsBytes()));
    List<X509Certificate> chain =
        parts.issuance().forRole(request, role.profile(parts.profiles()), shown, holder);
    parts.roles().supersede(Serial.of(shown));
    LOG.info(
        "{} has certificate {} until {} in place of {}",
        holder,
        Serial.of(chain.get(0)),
        chain.get(0).getNotAfter().toInstant(),
        Serial.of(shown));
    context.contentType("application/pem-certificate-chain"); // RFC 8555 §9.1
    context.result(Pem.certificates(chain));
  }

  private static byte[] der(byte[] body) {
    boolean isDer = body.length > 0 && body[0] == DER_SEQUENCE;
    return isDer
        ? body
        : Pem.der("CERTIFICATE REQUEST", new String(body, StandardCharsets.US_ASCII));
  }

  /**
   * What is to be revoked.
   *
   * @param serial of the one certificate; all of the holder's when it is left out
   */
  private record RevocationRequest(@Nullable String reason, @Nullable String serial) {}

  private record Ended(String name, List<String> serials, int connectionsEnded) {}

  private void revoke(Context context, Role role) {
    String operator = callers.requireOperator(context).name();
    RevocationRequest request =
        JsonBody.ofOperator(json, context.bodyAsBytes(), RevocationRequest.class);
    RevocationReason reason = RevocationReason.asked(request.reason());
    var holder =
        new RoleCertificates.Holder(
            role,
            context.pathParam("name"),
            Optional.ofNullable(request.serial()).map(Serial::parse));
    var revoked = parts.roles().revoke(holder, reason, Actor.operator(operator));
    // first: what streams to a revoked caller must not wake up and write once more
    int connections = parts.connections().endRevoked(context);
    parts.feed().published(revoked.event());
    LOG.info("{} revoked {} {} ({}): {}", operator, role, holder.name(), reason, revoked);
    answer(context, new Ended(revoked.name(), revoked.serials(), connections));
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
