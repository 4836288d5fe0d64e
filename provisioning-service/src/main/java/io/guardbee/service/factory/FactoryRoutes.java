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
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.limit.ConcurrencyLimit;
import io.guardbee.service.profile.Profiles;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  private final ConcurrencyLimit open;
  private final ExecutorService workers = Executors.newCachedThreadPool();

  /** What serves a stream. */
  public record Parts(BatchEnrolment enrolment, Grants grants, Callers callers, JsonMapper json) {}

  /**
   * @param mostRows rows of one stream
   * @param mostStreams at one time, each of which holds a thread
   */
  public FactoryRoutes(Parts parts, int mostRows, int mostStreams) {
    this.enrolment = parts.enrolment();
    this.grants = parts.grants();
    this.callers = parts.callers();
    this.json = parts.json();
    this.mostRows = mostRows;
    this.open =
        new ConcurrencyLimit(
            new ConcurrencyLimit.Bounds(
                "factory streams", "limits.factoryStreams", mostStreams, mostStreams));
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/factory/import", context -> inPlace(context, this::importDevices));
    routes.post("/v1/factory/enroll", context -> inPlace(context, this::enroll));
  }

  /** Only an operator's stream takes a place. */
  private void inPlace(Context context, Handler stream) throws Exception {
    String operator = callers.requireOperator(context).name();
    ConcurrencyLimit.Place place = open.enter(operator);
    try {
      stream.handle(context);
    } finally {
      place.close();
    }
  }

  private record ImportRow(@Nullable String deviceId, @Nullable String profile) {}

  /** Grants a token to every device of the list, or to none. */
  private void importDevices(Context context) throws IOException {
    String operator = callers.requireOperator(context).name();
    List<Wanted> wanted = new ArrayList<>();
    BoundedLines lines = new BoundedLines(context.req().getInputStream());
    String line;
    while ((line = lines.next()) != null) {
      ImportRow row = row(line, wanted.size() + 1);
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

  private ImportRow row(String line, int number) {
    try {
      return JsonBody.ofOperator(json, line.getBytes(StandardCharsets.UTF_8), ImportRow.class);
    } catch (RefusedException e) {
      throw new RefusedException(
          e.reason(), "row " + number + " of the list: " + e.detail(), e.nextStep());
    }
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
