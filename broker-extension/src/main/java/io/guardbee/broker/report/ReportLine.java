package io.guardbee.broker.report;

import io.guardbee.broker.watch.Vitals;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is posted, as JSON. */
final class ReportLine {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What there is to tell. */
  record Batch(List<Refusal> refusals, List<CloneAlarm> clones, List<Observation> observed) {
    boolean isEmpty() {
      return refusals.isEmpty() && clones.isEmpty() && observed.isEmpty();
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
            .put("connections", vitals.connections())
            .put("startedAt", node.startedAt().toString());
    Instant contact = vitals.contact();
    report.put("contact", contact.equals(Instant.MIN) ? null : contact.toString());
    batch.refusals().forEach(report.putArray("refusals")::addPOJO);
    batch.clones().forEach(report.putArray("clones")::addPOJO);
    batch.observed().forEach(report.putArray("observed")::addPOJO);
    return JSON.writeValueAsString(report);
  }

  static String answer(Node node, PolicyAnswer answer) {
    ObjectNode json = JSON.valueToTree(answer);
    json.put("node", node.name());
    return JSON.writeValueAsString(json);
  }
}
