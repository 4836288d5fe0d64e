package io.guardbee.broker.report;

import io.guardbee.broker.watch.Vitals;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is posted, as JSON. */
final class ReportLine {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(EnumFeature.WRITE_ENUMS_USING_TO_STRING).build();

  /** What there is to tell. */
  record Batch(
      List<Refusal> refusals,
      List<RefusedRequest> refusedRequests,
      List<CloneAlarm> clones,
      List<Observation> observed,
      List<FirstUse> firstUses,
      List<String> unconfirmed) {
    boolean isEmpty() {
      return refusals.isEmpty()
          && refusedRequests.isEmpty()
          && clones.isEmpty()
          && observed.isEmpty()
          && firstUses.isEmpty()
          && unconfirmed.isEmpty();
    }
  }

  private ReportLine() {}

  static String report(Node node, Vitals vitals, Batch batch) {
    ObjectNode report =
        JSON.createObjectNode()
            .put("node", node.name())
            .put("extension", node.extension())
            .put("hivemq", node.hivemq())
            .put("policyVersion", vitals.policyVersion())
            .put("policyObserved", vitals.policyObserved())
            .put("feedEvent", vitals.feedEvent())
            .put("feedRefused", vitals.feedRefused())
            .put("connections", vitals.connections())
            .put("startedAt", node.startedAt().toString());
    Instant contact = vitals.contact();
    report.put("contact", contact.equals(Instant.MIN) ? null : contact.toString());
    report.set("refusals", JSON.valueToTree(batch.refusals()));
    ArrayNode requests = report.putArray("refusedRequests");
    batch.refusedRequests().forEach(request -> requests.add(json(request)));
    report.set("clones", JSON.valueToTree(batch.clones()));
    report.set("observed", JSON.valueToTree(batch.observed()));
    ArrayNode firstUses = report.putArray("firstUses");
    for (FirstUse use : batch.firstUses()) {
      firstUses
          .addObject()
          .put("issuer", use.certificate().issuer())
          .put("serial", use.certificate().serial().toString())
          .put("address", use.address());
    }
    report.set("unconfirmed", JSON.valueToTree(batch.unconfirmed()));
    return JSON.writeValueAsString(report);
  }

  private static ObjectNode json(RefusedRequest request) {
    return JSON.createObjectNode()
        .put("deviceId", request.kind().deviceId())
        .put("action", request.kind().action())
        .put("filter", request.kind().filter())
        .put("reason", request.kind().reason())
        .put("times", request.times())
        .put("first", request.first().toString())
        .put("last", request.last().toString())
        .put("address", request.address());
  }

  static String answer(Node node, PolicyAnswer answer) {
    ObjectNode json = JSON.valueToTree(answer);
    json.put("node", node.name());
    return JSON.writeValueAsString(json);
  }
}
