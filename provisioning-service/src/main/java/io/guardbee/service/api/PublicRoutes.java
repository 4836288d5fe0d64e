package io.guardbee.service.api;

import io.guardbee.hsm.session.TokenHealth;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.http.HttpServer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** What anybody may read, over plain HTTP too: readiness and the authorities' certificates. */
public final class PublicRoutes implements HttpServer.Routes {

  private final Authorities authorities;
  private final EventLog log;
  private final Supplier<TokenHealth> module;
  private final JsonMapper json;

  /**
   * @param module the health of the token that signs
   */
  public PublicRoutes(
      Authorities authorities, EventLog log, Supplier<TokenHealth> module, JsonMapper json) {
    this.authorities = authorities;
    this.log = log;
    this.module = module;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/readyz", this::ready);
    routes.get("/ca/root.pem", context -> pem(context, List.of(authorities.root())));
    routes.get("/ca/issuing.pem", context -> pem(context, authorities.believed(Identity.ISSUING)));
  }

  /** Whether this replica can issue, and how its module is; what is empty stays away. */
  private record Readiness(boolean ready, long event, Module module) {}

  private record Module(String state, Instant since, String detail) {}

  /** Asks the database, whose failure answers 503 with its reason, and the module. */
  private void ready(Context context) {
    TokenHealth health = module.get();
    Readiness readiness =
        new Readiness(
            health.isReady(),
            log.lastEvent(),
            new Module(health.state().toString(), health.since(), health.detail()));
    context
        .status(health.isReady() ? 200 : 503)
        .contentType("application/json")
        .result(json.writeValueAsString(readiness) + "\n");
  }

  private static void pem(Context context, List<X509Certificate> certificates) {
    context.contentType("application/x-pem-file").result(Pem.certificates(certificates));
  }
}
