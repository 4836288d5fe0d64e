package io.guardbee.service.factory;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.factory.BatchEnrolment.Order;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Grants.Wanted;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.profile.Profiles;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Enrolment in bulk; for operators. NDJSON in and out. */
public final class FactoryRoutes implements HttpServer.Routes, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FactoryRoutes.class);
  private static final String NDJSON = "application/x-ndjson";

  private final BatchEnrolment enrolment;
  private final Grants grants;
  private final Callers callers;
  private final JsonMapper json;
  private final int mostRows;
  private final ExecutorService workers = Executors.newCachedThreadPool();

  /**
   * @param mostRows rows of one stream
   */
  public FactoryRoutes(
      BatchEnrolment enrolment, Grants grants, Callers callers, JsonMapper json, int mostRows) {
    this.enrolment = enrolment;
    this.grants = grants;
    this.callers = callers;
    this.json = json;
    this.mostRows = mostRows;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/factory/import", this::importDevices);
    routes.post("/v1/factory/enroll", this::enroll);
  }

  private record ImportRow(@Nullable String deviceId, @Nullable String profile) {}

  /** Grants a token to every device of the list, or to none. */
  private void importDevices(Context context) throws IOException {
    String operator = callers.requireOperator(context).name();
    List<Wanted> wanted = new ArrayList<>();
    BoundedLines lines = new BoundedLines(context.req().getInputStream());
    String line;
    while ((line = lines.next()) != null) {
      ImportRow row = json.readValue(line, ImportRow.class);
      if (row.deviceId() == null) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            "line " + (wanted.size() + 1) + " has no deviceId",
            "write {\"deviceId\":\"d-1\",\"profile\":\"sensor\"}");
      }
      wanted.add(new Wanted(new DeviceId(row.deviceId()), Optional.ofNullable(row.profile())));
      if (wanted.size() > mostRows) {
        throw new RefusedException(
            Reason.REQUEST_TOO_LARGE,
            "the list has more than " + mostRows + " devices",
            "split it; the limit is limits.factoryRows in config.yaml");
      }
    }
    StringBuilder answer = new StringBuilder();
    grants
        .grant(wanted, Actor.operator(operator))
        .forEach(grant -> answer.append(json.writeValueAsString(grant)).append('\n'));
    LOG.info("{} granted {} devices an enrolment", operator, wanted.size());
    context.contentType(NDJSON).result(answer.toString());
  }

  private void enroll(Context context) throws IOException, InterruptedException {
    String profile = Optional.ofNullable(context.queryParam("profile")).orElse(Profiles.DEFAULT);
    Order order = new Order(callers.requireOperator(context).name(), profile, context.ip());
    enrolment.check(order);
    context.res().setContentType(NDJSON);
    context.res().flushBuffer(); // the answer begins before the request has ended
    new BatchStream(enrolment, workers, json, mostRows)
        .run(order, context.req().getInputStream(), context.res().getOutputStream());
  }

  @Override
  public void close() {
    workers.shutdown();
  }
}
