package io.guardbee.service.cli;

import tools.jackson.databind.JsonNode;

/** Requests for approval as people read them. */
final class ApprovalTable {

  private static final String ROW = "%-24s %-12s %-71s %-12s %-15s %s";

  static final String HEADER =
      String.format(ROW, "DEVICE", "PROFILE", "KEY", "BY", "ADDRESS", "SINCE");

  private ApprovalTable() {}

  static String row(JsonNode entry) {
    return String.format(
        ROW,
        entry.path("deviceId").asString(),
        entry.path("profile").asString(),
        entry.path("key").asString(),
        entry.path("way").asString(),
        entry.path("address").asString(),
        entry.path("since").asString());
  }

  /** One line on what was decided. */
  static String decision(JsonNode entry) {
    return entry.path("state").asString()
        + " "
        + entry.path("deviceId").asString()
        + " with key "
        + entry.path("key").asString()
        + " for profile "
        + entry.path("profile").asString();
  }
}
