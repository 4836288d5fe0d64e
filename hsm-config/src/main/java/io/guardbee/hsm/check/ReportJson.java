package io.guardbee.hsm.check;

import tools.jackson.databind.json.JsonMapper;

/** Prints a report as one JSON object. */
public final class ReportJson {

  private ReportJson() {}

  public static String of(HealthReport report) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report);
  }
}
