package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.approval.Approvals;
import io.guardbee.service.approval.Entry;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Requests that wait for approval, and what operators decide of them; for operators. */
public final class ApprovalRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(ApprovalRoutes.class);
  private static final int LARGEST_PAGE = 1000;

  private final Approvals approvals;
  private final Callers callers;
  private final JsonMapper json;

  public ApprovalRoutes(Approvals approvals, Callers callers, JsonMapper json) {
    this.approvals = approvals;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/approvals", this::pending);
    routes.get("/v1/approvals/{id}", this::show);
    routes.post("/v1/approvals/{id}", this::decide);
  }

  private record Page(List<Entry> approvals) {}

  private void pending(Context context) {
    callers.requireOperator(context);
    long after = number("after", context.queryParam("after"), 0, new Range(0, Long.MAX_VALUE));
    long limit =
        number("limit", context.queryParam("limit"), LARGEST_PAGE, new Range(1, LARGEST_PAGE));
    answer(context, new Page(approvals.pending(after, (int) limit)));
  }

  private record Range(long least, long most) {
    boolean holds(long number) {
      return least <= number && number <= most;
    }
  }

  private static long number(String name, @Nullable String text, long fallback, Range range) {
    if (text == null) {
      return fallback;
    }
    if (!text.matches("[0-9]{1,18}") || !range.holds(Long.parseLong(text))) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          name + " " + Quoted.of(text) + " is not a number that fits",
          "give after as the id of the last entry seen, limit as 1 to " + LARGEST_PAGE);
    }
    return Long.parseLong(text);
  }

  private void show(Context context) {
    callers.requireOperator(context);
    answer(context, new Page(approvals.of(deviceId(context))));
  }

  private record Wanted(@Nullable String decision, @Nullable String key, @Nullable String reason) {}

  private void decide(Context context) {
    String operator = callers.requireOperator(context).name();
    DeviceId deviceId = deviceId(context);
    Wanted wanted = JsonBody.ofOperator(json, context.bodyAsBytes(), Wanted.class);
    Fingerprint key = wanted.key() == null ? null : Fingerprint.parse(wanted.key());
    List<Entry> decided = decide(deviceId, wanted, key, operator);
    decided.forEach(
        entry ->
            LOG.info("{} {} device {} with {}", operator, entry.state(), deviceId, entry.key()));
    answer(context, new Page(decided));
  }

  private List<Entry> decide(
      DeviceId deviceId, Wanted wanted, @Nullable Fingerprint key, String operator) {
    if ("deny".equals(wanted.decision())) {
      return approvals.deny(deviceId, key, operator, wanted.reason());
    }
    // approval is for the key that was seen: it has to be named
    if ("approve".equals(wanted.decision()) && key != null) {
      return approvals.approve(deviceId, key, operator);
    }
    throw new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the decision on " + deviceId + " is neither deny nor approve with a key",
        "send {\"decision\":\"approve\",\"key\":\"sha256:…\"} or {\"decision\":\"deny\"}");
  }

  private static DeviceId deviceId(Context context) {
    return new DeviceId(context.pathParam("id"));
  }

  private void answer(Context context, Object value) {
    context.contentType("application/json").result(json.writeValueAsBytes(value));
  }
}
