package io.guardbee.broker.run.policy;

import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Explanation;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Request;
import io.guardbee.broker.policy.Rights;
import io.guardbee.operator.Api;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a policy says to somebody and to each request.
 *
 * @param rights null when there are none
 * @param refusal why there are none; null when there are
 */
record Verdict(
    Explanation explanation,
    @Nullable Rights rights,
    @Nullable RefusedException refusal,
    List<Answer> answers) {

  private static final int TOLD = 5;

  /**
   * The answer to one request.
   *
   * @param code stable, why
   */
  record Answer(Request request, boolean allowed, String code, String why) {

    static Answer of(Rights rights, Request request) {
      try {
        Decision decision = request.decide(rights);
        String why =
            request.kind() == Request.Kind.CONNECT
                ? "client id " + rights.clientIds()
                : decision.words();
        return new Answer(request, decision.allowed(), decision.code(), why);
      } catch (RefusedException e) {
        return new Answer(
            request, false, e.reason().toString(), "client id " + rights.clientIds() + " only");
      }
    }
  }

  static Verdict of(Explanation explanation, TestCommand.Asked asked, List<Request> requests) {
    try {
      Rights rights = asked.rights();
      return new Verdict(
          explanation,
          rights,
          null,
          requests.stream().map(request -> Answer.of(rights, request)).toList());
    } catch (RefusedException e) {
      List<Answer> none =
          requests.stream()
              .map(r -> new Answer(r, false, e.reason().toString(), "no rights at all"))
              .toList();
      return new Verdict(explanation, null, e, none);
    }
  }

  boolean isAllowed() {
    return rights != null && answers.stream().allMatch(Answer::allowed);
  }

  String page() {
    List<String> lines = new ArrayList<>();
    if (refusal != null) {
      lines.add("refused   " + refusal.line());
    }
    if (rights != null) {
      lines.add(
          String.format(
              "rule      %s, %d of %d: %s",
              rights.rule(),
              explanation.position(),
              explanation.rules(),
              String.join(", ", explanation.conditions())));
    }
    passedOver(lines);
    if (rights != null) {
      lines.add("client id " + rights.clientIds());
      lines.add("limits    " + rights.limits().words());
      if (answers.isEmpty()) {
        rights.permissions().forEach(permission -> lines.add(line(permission)));
      }
    }
    for (Answer answer : answers) {
      lines.add(
          (answer.allowed() ? "allowed   " : "denied    ")
              + answer.request()
              + "  ("
              + answer.why()
              + ")");
    }
    return String.join("\n", lines);
  }

  private void passedOver(List<String> lines) {
    List<Explanation.PassedOver> all = explanation.passedOver();
    for (Explanation.PassedOver one : all.subList(0, Math.min(TOLD, all.size()))) {
      lines.add("not       " + one.rule() + ": " + one.because() + ", here " + values(one.has()));
    }
    if (all.size() > TOLD) {
      lines.add("not       " + (all.size() - TOLD) + " more rules before it");
    }
  }

  private static String values(List<String> has) {
    return has.isEmpty() ? "none" : String.join(" and ", has.stream().map(Quoted::of).toList());
  }

  private static String line(Permission permission) {
    return String.format(
        "%-9s %s",
        permission.effect() == Permission.Effect.ALLOW ? "allow" : "deny", permission.words());
  }

  ObjectNode json() {
    ObjectNode node = Api.JSON.createObjectNode().put("allowed", isAllowed());
    if (refusal != null) {
      node.put("reason", refusal.reason().toString()).put("detail", refusal.detail());
    }
    if (rights != null) {
      node.put("rule", rights.rule()).put("position", explanation.position());
      node.put("clientId", rights.clientIds().toString());
      node.put("limits", rights.limits().words());
      ArrayNode entries = node.putArray("permissions");
      rights.permissions().forEach(permission -> entries.add(permission.toString()));
    }
    ArrayNode not = node.putArray("passedOver");
    for (Explanation.PassedOver one : explanation.passedOver()) {
      ObjectNode passed = not.addObject().put("rule", one.rule()).put("because", one.because());
      ArrayNode has = passed.putArray("has");
      one.has().forEach(has::add);
    }
    ArrayNode requests = node.putArray("requests");
    for (Answer answer : answers) {
      requests
          .addObject()
          .put("request", answer.request().text())
          .put("allowed", answer.allowed())
          .put("why", answer.code())
          .put("detail", answer.why());
    }
    return node;
  }
}
