package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.explain.Explain;
import io.guardbee.service.explain.Report;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import tools.jackson.databind.json.JsonMapper;

/** Why a device, a certificate or a request gets what it gets; for operators. */
public final class ExplainRoutes implements HttpServer.Routes {

  private final Explain explain;
  private final Callers callers;
  private final JsonMapper json;

  public ExplainRoutes(Explain explain, Callers callers, JsonMapper json) {
    this.explain = explain;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/explain", this::device);
    routes.post("/v1/explain", this::document);
  }

  private void device(Context context) {
    callers.requireOperator(context);
    String id = context.queryParam("device");
    if (id == null) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "the request names no device",
          "GET /v1/explain?device=ID, or POST a certificate or a certificate request");
    }
    answer(context, explain.device(new DeviceId(id)));
  }

  private void document(Context context) {
    callers.requireOperator(context);
    answer(context, explain.document(context.bodyAsBytes()));
  }

  private void answer(Context context, Report report) {
    context.contentType("application/json").result(json.writeValueAsBytes(report));
  }
}
