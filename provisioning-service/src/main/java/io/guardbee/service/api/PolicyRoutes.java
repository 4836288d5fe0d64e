package io.guardbee.service.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.policy.Draft;
import io.guardbee.service.policy.Mode;
import io.guardbee.service.policy.ObservedRefusals;
import io.guardbee.service.policy.Policies;
import io.guardbee.service.policy.PolicyRecords;
import io.guardbee.service.policy.Receipt;
import io.guardbee.service.policy.Version;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The policy's versions and what becomes of them; for operators. */
public final class PolicyRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(PolicyRoutes.class);

  /** A document of the largest size, every character of it escaped in two. */
  private static final int LARGEST = 2_100_000;

  private final Policies policies;
  private final PolicyRecords records;
  private final ObservedRefusals observed;
  private final Callers callers;
  private final JsonMapper json;

  public PolicyRoutes(
      Policies policies,
      PolicyRecords records,
      ObservedRefusals observed,
      Callers callers,
      JsonMapper json) {
    this.policies = policies;
    this.records = records;
    this.observed = observed;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/policy", this::show);
    routes.get("/v1/policy/versions", this::versions);
    routes.get("/v1/policy/versions/{number}", this::version);
    routes.get("/v1/policy/observed", this::observed);
    routes.post("/v1/policy", this::apply);
    routes.post("/v1/policy/rollback", this::rollback);
    routes.post("/v1/policy/promote", this::promote);
    routes.post("/v1/policy/withdraw", this::withdraw);
  }

  private void show(Context context) {
    callers.requireOperator(context);
    answer(context, records.state());
  }

  private record Versions(List<Version> versions) {}

  private void versions(Context context) {
    callers.requireOperator(context);
    answer(context, new Versions(records.versions()));
  }

  private record WithText(@JsonUnwrapped Version version, String text) {}

  private void version(Context context) {
    callers.requireOperator(context);
    PolicyRecords.Document found = records.document(number(context.pathParam("number")));
    answer(context, new WithText(found.version(), found.text()));
  }

  private static long number(String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "version " + Quoted.of(text) + " is not a number",
          "see which there are: guardbee policy versions");
    }
    return Long.parseLong(text);
  }

  private void observed(Context context) {
    callers.requireOperator(context);
    answer(context, observed.seen());
  }

  /**
   * @param despite nodes whose refusal does not keep it from coming into force
   */
  private record Wanted(
      @Nullable String text,
      @Nullable String mode,
      @Nullable String comment,
      @Nullable Set<String> despite) {}

  private void apply(Context context) throws IOException, InterruptedException {
    Actor operator = operator(context);
    Wanted wanted = JsonBody.ofOperator(json, BoundedBody.read(context, LARGEST), Wanted.class);
    Draft draft = new Draft(text(wanted.text()), text(wanted.comment()));
    Mode mode = Mode.wanted(text(wanted.mode()));
    answer(context, operator, policies.apply(draft, mode, nodes(wanted.despite()), operator));
  }

  private record Back(@Nullable Long to) {}

  private void rollback(Context context) throws InterruptedException {
    Actor operator = operator(context);
    Back back = JsonBody.ofOperator(json, context.bodyAsBytes(), Back.class, new Back(null));
    OptionalLong to = back.to() == null ? OptionalLong.empty() : OptionalLong.of(back.to());
    answer(context, operator, policies.rollback(to, operator));
  }

  private record Promotion(@Nullable Set<String> despite) {}

  private void promote(Context context) throws InterruptedException {
    Actor operator = operator(context);
    Promotion wanted =
        JsonBody.ofOperator(json, context.bodyAsBytes(), Promotion.class, new Promotion(null));
    answer(context, operator, policies.promote(nodes(wanted.despite()), operator));
  }

  private static Set<String> nodes(@Nullable Set<String> named) {
    return named == null ? Set.of() : named;
  }

  private void withdraw(Context context) throws InterruptedException {
    Actor operator = operator(context);
    answer(context, operator, policies.withdraw(operator));
  }

  private Actor operator(Context context) {
    return Actor.operator(callers.requireOperator(context).name());
  }

  private static String text(@Nullable String said) {
    return said == null ? "" : said;
  }

  private void answer(Context context, Actor operator, Receipt receipt) {
    LOG.info(
        "{}: policy version {}: {} {}; version {} is in force",
        operator,
        receipt.version(),
        receipt.outcome(),
        receipt.detail(),
        receipt.inForce());
    answer(context, receipt);
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
