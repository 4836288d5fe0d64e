package io.guardbee.service.api;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.http.HttpServer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.util.List;

/** What anybody may read, over plain HTTP too: readiness and the authorities' certificates. */
public final class PublicRoutes implements HttpServer.Routes {

  private final Authorities authorities;
  private final EventLog log;

  public PublicRoutes(Authorities authorities, EventLog log) {
    this.authorities = authorities;
    this.log = log;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/readyz", this::ready);
    routes.get("/ca/root.pem", context -> pem(context, List.of(authorities.root())));
    routes.get("/ca/issuing.pem", context -> pem(context, authorities.believed(Identity.ISSUING)));
  }

  /** Asks the database; a failure answers 503 with its reason. */
  private void ready(Context context) {
    context
        .contentType("application/json")
        .result("{\"ready\":true,\"event\":" + log.lastEvent() + "}\n");
  }

  private static void pem(Context context, List<X509Certificate> certificates) {
    context.contentType("application/x-pem-file").result(Pem.certificates(certificates));
  }
}
