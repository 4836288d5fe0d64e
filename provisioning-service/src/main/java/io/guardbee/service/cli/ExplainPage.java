package io.guardbee.service.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;

/** An explanation as people read it: one finding a line, the next step last. */
final class ExplainPage {

  private static final String FINDING = "%-4s  %-12s %s%n";

  private ExplainPage() {}

  static String of(JsonNode report) {
    StringBuilder page = new StringBuilder();
    for (JsonNode finding : report.path("findings")) {
      page.append(
          String.format(
              FINDING,
              mark(finding.path("verdict").asString()),
              finding.path("topic").asString(),
              text(finding)));
    }
    for (JsonNode may : report.path("mayAskFor")) {
      page.append(String.format(FINDING, "", "may", may.asString()));
    }
    if (!report.path("attempts").isEmpty()) {
      page.append(System.lineSeparator());
      report.path("attempts").forEach(attempt -> page.append(line(attempt)));
      page.append(System.lineSeparator());
    }
    return page.append("next  ").append(report.path("nextStep").asString()).toString();
  }

  private static String mark(String verdict) {
    return switch (verdict) {
      case "good" -> "ok";
      case "bad" -> "NO";
      default -> "";
    };
  }

  private static String text(JsonNode finding) {
    String says = finding.path("says").asString();
    return finding.path("reason").isString()
        ? finding.path("reason").asString() + ": " + says
        : says;
  }

  private static String line(JsonNode attempt) {
    Instant at = Instant.parse(attempt.path("at").asString()).truncatedTo(ChronoUnit.SECONDS);
    int times = attempt.path("times").asInt();
    String line =
        String.format(
            "%s  %-15s %s: %s%s%n",
            at,
            attempt.path("address").asString("-"),
            attempt.path("outcome").asString(),
            attempt.path("detail").asString(),
            times > 1 ? " (" + times + " times)" : "");
    return attempt.path("door").asString("").equals("broker")
        ? line + String.format("%22sby the broker: %s%n", "", attempt.path("request").asString())
        : line;
  }
}
