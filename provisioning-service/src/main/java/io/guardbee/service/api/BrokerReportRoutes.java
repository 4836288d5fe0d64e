package io.guardbee.service.api;

import io.guardbee.pki.Quoted;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.broker.Brokers;
import io.guardbee.service.broker.NodeReport;
import io.guardbee.service.http.Caller;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.policy.Answer;
import io.guardbee.service.policy.Answer.Affected;
import io.guardbee.service.policy.Policies;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** What brokers report, and, for operators, how they are. */
public final class BrokerReportRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerReportRoutes.class);
  private static final int LARGEST = 2_000_000;

  /** A thousand connections with all that they lose and gain. */
  private static final int LARGEST_ANSWER = 8_000_000;

  private static final int NO_CONTENT = 204;

  private final Brokers brokers;
  private final Policies policies;
  private final Callers callers;
  private final JsonMapper json;
  private final Clock clock;

  public BrokerReportRoutes(
      Brokers brokers, Policies policies, Callers callers, JsonMapper json, Clock clock) {
    this.brokers = brokers;
    this.policies = policies;
    this.callers = callers;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/broker/report", this::report);
    routes.post("/v1/broker/policy", this::answer);
    routes.get("/v1/brokers", this::list);
    routes.delete("/v1/brokers/{node}", this::forget);
  }

  private void report(Context context) throws IOException {
    Caller.Broker broker = callers.requireBroker(context);
    NodeReport said = JsonBody.ofBroker(json, BoundedBody.read(context, LARGEST), NodeReport.class);
    brokers.reported(NodeName.of(broker, said.node()), said);
    context.status(NO_CONTENT);
  }

  /** A broker's answer to an order; its fields are those of {@link Answer}. */
  private record Said(
      @Nullable String node,
      long version,
      @Nullable String mode,
      @Nullable String outcome,
      @Nullable String detail,
      int connections,
      int affectedCount,
      @Nullable List<Connection> affected) {

    Answer answer(String from, Clock clock) {
      return new Answer(
          from,
          version,
          text(mode),
          text(outcome),
          text(detail),
          connections,
          affectedCount,
          affected == null ? List.of() : affected.stream().map(Connection::affected).toList(),
          clock.instant());
    }
  }

  private record Connection(
      @Nullable String deviceId,
      @Nullable String clientId,
      @Nullable String before,
      @Nullable String after,
      @Nullable List<String> lost,
      @Nullable List<String> gained) {

    Affected affected() {
      return new Affected(
          text(deviceId),
          text(clientId),
          text(before),
          text(after),
          lost == null ? List.of() : lost,
          gained == null ? List.of() : gained);
    }
  }

  private static String text(@Nullable String said) {
    return said == null ? "" : said;
  }

  private void answer(Context context) throws IOException {
    Caller.Broker broker = callers.requireBroker(context);
    Said said = JsonBody.ofBroker(json, BoundedBody.read(context, LARGEST_ANSWER), Said.class);
    brokers.heard(NodeName.of(broker, said.node()));
    policies.answered(said.answer(NodeName.of(broker, said.node()), clock));
    context.status(NO_CONTENT);
  }

  private record Forgotten(String node) {}

  private void forget(Context context) {
    String operator = callers.requireOperator(context).name();
    String node = context.pathParam("node");
    brokers.forget(node, Actor.operator(operator));
    LOG.info("{} has broker {} forgotten", operator, Quoted.of(node));
    context.contentType("application/json").result(json.writeValueAsBytes(new Forgotten(node)));
  }

  private void list(Context context) {
    callers.requireOperator(context);
    context.contentType("application/json").result(json.writeValueAsBytes(brokers.all()));
  }
}
