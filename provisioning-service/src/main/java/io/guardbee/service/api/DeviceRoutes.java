package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.device.Devices;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.profile.GrantedName;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.revocation.Revocations;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Devices, their grants and their revocation; for operators. */
public final class DeviceRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(DeviceRoutes.class);
  private static final int LARGEST_PAGE = 1000;
  private static final int CREATED = 201;

  private final Devices devices;
  private final Grants grants;
  private final Revocations revocations;
  private final Callers callers;
  private final JsonMapper json;

  public DeviceRoutes(
      Devices devices, Grants grants, Revocations revocations, Callers callers, JsonMapper json) {
    this.devices = devices;
    this.grants = grants;
    this.revocations = revocations;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/devices", this::list);
    routes.get("/v1/devices/{id}", this::show);
    routes.post("/v1/devices/{id}/grants", this::grant);
    routes.get("/v1/devices/{id}/grants", this::grants);
    routes.delete("/v1/devices/{id}/grants", this::withdraw);
    routes.post("/v1/devices/{id}/revocation", this::revoke);
  }

  private record Page(List<Devices.Device> devices) {}

  private void list(Context context) {
    callers.requireOperator(context);
    String after = Optional.ofNullable(context.queryParam("after")).orElse("");
    answer(context, new Page(devices.list(after, limit(context.queryParam("limit")))));
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return LARGEST_PAGE;
    }
    if (!text.matches("[0-9]{1,4}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > LARGEST_PAGE) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "limit " + Quoted.of(text) + " is not a page size",
          "give a number from 1 to " + LARGEST_PAGE);
    }
    return Integer.parseInt(text);
  }

  private void show(Context context) {
    callers.requireOperator(context);
    answer(context, devices.find(deviceId(context)));
  }

  /**
   * @param names that the certificate gets: {@code dns:web-1.plant.example}, {@code ip:10.1.2.3}
   */
  private record GrantRequest(
      @Nullable String profile, @Nullable Duration validity, @Nullable List<String> names) {

    static final GrantRequest EMPTY = new GrantRequest(null, null, null);

    Grants.Wanted of(DeviceId deviceId) {
      return new Grants.Wanted(
          deviceId,
          Optional.ofNullable(profile),
          Optional.ofNullable(validity),
          names == null ? List.of() : names.stream().map(GrantedName::parse).toList());
    }
  }

  private void grant(Context context) {
    String operator = callers.requireOperator(context).name();
    DeviceId deviceId = deviceId(context);
    GrantRequest request =
        JsonBody.ofOperator(json, context.bodyAsBytes(), GrantRequest.class, GrantRequest.EMPTY);
    Grants.Grant grant =
        grants.grant(List.of(request.of(deviceId)), Actor.operator(operator)).get(0);
    LOG.info("{} granted an enrolment to device {}", operator, deviceId);
    answer(context.status(CREATED), grant);
  }

  private record Tokens(List<Grants.Known> tokens) {}

  private void grants(Context context) {
    callers.requireOperator(context);
    answer(context, new Tokens(grants.list(deviceId(context))));
  }

  private record Withdrawn(String deviceId, int withdrawn) {}

  private void withdraw(Context context) {
    String operator = callers.requireOperator(context).name();
    DeviceId deviceId = deviceId(context);
    int withdrawn = grants.withdraw(deviceId, Actor.operator(operator));
    LOG.info("{} withdrew {} tokens of device {}", operator, withdrawn, deviceId);
    answer(context, new Withdrawn(deviceId.value(), withdrawn));
  }

  private record RevocationRequest(@Nullable String reason) {}

  private void revoke(Context context) throws InterruptedException {
    String operator = callers.requireOperator(context).name();
    DeviceId deviceId = deviceId(context);
    RevocationRequest request =
        JsonBody.ofOperator(json, context.bodyAsBytes(), RevocationRequest.class);
    RevocationReason reason = RevocationReason.asked(request.reason());
    var receipt = revocations.revoke(deviceId, reason, Actor.operator(operator));
    LOG.info("{} revoked device {} ({}): {}", operator, deviceId, reason, receipt);
    answer(context, receipt);
  }

  private static DeviceId deviceId(Context context) {
    return new DeviceId(context.pathParam("id"));
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
