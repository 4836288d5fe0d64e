package io.guardbee.service.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Standing grants as people read them. */
final class GrantTable {

  private static final String ROW = "%-24s %-13s %-10s %-15s %-24s %s";

  static final String HEADER =
      String.format(ROW, "GRANT", "BY", "STATUS", "LET IN", "UNTIL", "PROFILES");

  private GrantTable() {}

  static String row(JsonNode grant) {
    return String.format(
        ROW,
        grant.path("name").asString(),
        grant.path("kind").asString(),
        grant.path("status").asString(),
        letIn(grant),
        until(grant),
        profiles(grant));
  }

  static String page(JsonNode grant) {
    StringBuilder page = new StringBuilder();
    page.append("grant     ").append(grant.path("name").asString());
    page.append("\nby        ").append(grant.path("kind").asString());
    page.append("\nstatus    ").append(grant.path("status").asString());
    if (grant.path("withdrawn").isString()) {
      page.append(" at ").append(grant.path("withdrawn").asString());
    }
    page.append("\nprofiles  ").append(profiles(grant));
    page.append("\nlet in    ").append(letIn(grant));
    page.append("\nnames     ");
    page.append(
        grant.path("anyName").asBoolean()
            ? "any"
            : grant.path("names").asInt() + " on its list, no other");
    if (grant.path("mayReplace").asBoolean()) {
      page.append("\nreplaces  devices whose certificates have ended");
    }
    page.append("\nuntil     ").append(until(grant));
    if (grant.path("idFrom").isString()) {
      page.append("\nid        ").append(grant.path("idTemplate").asString());
      page.append(" from ").append(grant.path("idFrom").asString());
      page.append(" matching ").append(grant.path("idPattern").asString());
    }
    if (grant.path("perMinute").isNumber()) {
      page.append("\nrate      ").append(grant.path("perMinute").asInt()).append(" a minute");
    }
    for (JsonNode certificate : grant.path("certificates")) {
      page.append("\nshown     ").append(certificate.path("subject").asString());
      page.append(", ").append(certificate.path("fingerprint").asString());
    }
    page.append("\nmade by   ").append(grant.path("createdBy").asString());
    page.append(" at ").append(grant.path("created").asString());
    return page.toString();
  }

  private static String letIn(JsonNode grant) {
    String used = grant.path("used").asString();
    return grant.path("budget").isNumber() ? used + " of " + grant.path("budget").asString() : used;
  }

  private static String until(JsonNode grant) {
    return grant.path("until").isString() ? grant.path("until").asString() : "no end";
  }

  private static String profiles(JsonNode grant) {
    List<String> profiles = new ArrayList<>();
    grant.path("profiles").forEach(profile -> profiles.add(profile.asString()));
    return String.join(",", profiles);
  }
}
