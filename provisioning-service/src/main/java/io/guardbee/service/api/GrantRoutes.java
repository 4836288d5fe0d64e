package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.grant.Holder;
import io.guardbee.service.grant.IdRule;
import io.guardbee.service.grant.StandingGrant;
import io.guardbee.service.grant.StandingGrants;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Standing grants: manufacturers, claims, stations; for operators. */
public final class GrantRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(GrantRoutes.class);
  private static final int CREATED = 201;

  private final StandingGrants grants;
  private final Callers callers;
  private final JsonMapper json;
  private final Clock clock;

  public GrantRoutes(StandingGrants grants, Callers callers, JsonMapper json, Clock clock) {
    this.grants = grants;
    this.callers = callers;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/grants", this::list);
    routes.post("/v1/grants", this::make);
    routes.get("/v1/grants/{name}", this::show);
    routes.post("/v1/grants/{name}/names", this::allow);
    routes.post("/v1/grants/{name}/withdrawal", this::withdraw);
  }

  private record Page(List<GrantView> grants) {}

  private void list(Context context) {
    callers.requireOperator(context);
    answer(context, new Page(grants.list().stream().map(this::view).toList()));
  }

  private void show(Context context) {
    callers.requireOperator(context);
    answer(context, view(grants.find(context.pathParam("name"))));
  }

  private GrantView view(StandingGrant grant) {
    return GrantView.of(grant, grants.names(grant), clock.instant());
  }

  /**
   * A grant to be made.
   *
   * @param kind {@code manufacturer}, {@code claim} or {@code station}
   * @param certificates PEM: a manufacturer's authorities, or the claim certificate
   * @param anyName for a manufacturer or a station: whether names need not be on the list
   * @param mayReplace for a station: whether it may enrol devices again that had a certificate
   */
  private record Wanted(
      @Nullable String name,
      @Nullable String kind,
      @Nullable List<String> profiles,
      @Nullable Integer budget,
      @Nullable Instant until,
      @Nullable Boolean anyName,
      @Nullable Boolean mayReplace,
      @Nullable List<String> names,
      @Nullable String certificates,
      @Nullable String idFrom,
      @Nullable String idPattern,
      @Nullable String idTemplate,
      @Nullable Integer perMinute) {

    Holder holder() {
      return switch (String.valueOf(kind)) {
        case "manufacturer" ->
            new Holder.Manufacturer(
                Pem.parseCertificates(text(certificates)),
                IdRule.of(
                    idFrom == null ? "serialNumber" : idFrom, text(idPattern), text(idTemplate)));
        case "claim" ->
            new Holder.Claim(
                Pem.parseCertificates(text(certificates)).get(0),
                perMinute == null ? Holder.Claim.USUAL_RATE : perMinute);
        case "station" -> new Holder.Station(new DeviceId(text(name)));
        default ->
            throw new RefusedException(
                Reason.REQUEST_MALFORMED,
                "kind " + Quoted.of(text(kind)) + " is no kind of grant",
                "write manufacturer, claim or station");
      };
    }

    StandingGrants.Wanted by(String operator) {
      Holder holder = holder();
      return new StandingGrants.Wanted(
          new DeviceId(text(name)),
          holder,
          new StandingGrant.Terms(
              profiles == null ? List.of() : profiles,
              budget,
              until,
              Objects.requireNonNullElse(anyName, false),
              Objects.requireNonNullElse(mayReplace, false)),
          ids(names),
          operator);
    }

    private static String text(@Nullable String given) {
      return given == null ? "" : given;
    }
  }

  private static List<DeviceId> ids(@Nullable List<String> names) {
    return names == null ? List.of() : names.stream().map(DeviceId::new).toList();
  }

  private void make(Context context) {
    String operator = callers.requireOperator(context).name();
    Wanted wanted = JsonBody.ofOperator(json, context.bodyAsBytes(), Wanted.class);
    StandingGrant grant = grants.make(wanted.by(operator));
    LOG.info("{} made {} grant {}", operator, grant.holder().way(), grant.name());
    answer(context.status(CREATED), view(grant));
  }

  private record Names(@Nullable List<String> names) {}

  private record Allowed(String name, int added) {}

  private void allow(Context context) {
    String operator = callers.requireOperator(context).name();
    String name = context.pathParam("name");
    int added =
        grants.allow(
            name,
            ids(JsonBody.ofOperator(json, context.bodyAsBytes(), Names.class).names()),
            Actor.operator(operator));
    LOG.info("{} put {} names on the list of grant {}", operator, added, Quoted.of(name));
    answer(context, new Allowed(name, added));
  }

  private void withdraw(Context context) {
    String operator = callers.requireOperator(context).name();
    StandingGrant grant = grants.withdraw(context.pathParam("name"), Actor.operator(operator));
    LOG.info("{} withdrew grant {}", operator, grant.name());
    answer(context, view(grant));
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
