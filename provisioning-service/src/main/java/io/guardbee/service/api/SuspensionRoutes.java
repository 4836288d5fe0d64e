package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.revocation.Receipt;
import io.guardbee.service.revocation.Suspensions;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Devices held back, and let go on; for operators. */
public final class SuspensionRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(SuspensionRoutes.class);

  private final Suspensions suspensions;
  private final Callers callers;
  private final JsonMapper json;

  public SuspensionRoutes(Suspensions suspensions, Callers callers, JsonMapper json) {
    this.suspensions = suspensions;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/devices/{id}/suspend", this::suspend);
    routes.post("/v1/devices/{id}/reinstate", this::reinstate);
  }

  private record Request(@Nullable String reason) {}

  private void suspend(Context context) throws InterruptedException {
    Actor operator = Actor.operator(callers.requireOperator(context).name());
    DeviceId deviceId = new DeviceId(context.pathParam("id"));
    String reason =
        JsonBody.ofOperator(json, context.bodyAsBytes(), Request.class, new Request(null)).reason();
    Receipt receipt = suspensions.suspend(deviceId, reason == null ? "" : reason, operator);
    LOG.info("{} suspended device {}: {}", operator, deviceId, receipt);
    answer(context, receipt);
  }

  private void reinstate(Context context) throws InterruptedException {
    Actor operator = Actor.operator(callers.requireOperator(context).name());
    DeviceId deviceId = new DeviceId(context.pathParam("id"));
    Receipt receipt = suspensions.reinstate(deviceId, operator);
    LOG.info("{} reinstated device {}: {}", operator, deviceId, receipt);
    answer(context, receipt);
  }

  private void answer(Context context, Receipt receipt) {
    context.contentType("application/json").result(json.writeValueAsBytes(receipt));
  }
}
