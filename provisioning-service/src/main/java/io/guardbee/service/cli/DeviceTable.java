package io.guardbee.service.cli;

import tools.jackson.databind.JsonNode;

/** Devices as people read them. */
final class DeviceTable {

  private static final String ROW = "%-32s %-14s %-9s %s";

  static final String HEADER =
      String.format(ROW, "DEVICE", "PROFILE", "STATUS", "CERTIFICATE UNTIL");

  private DeviceTable() {}

  static String row(JsonNode device) {
    String until = "-";
    for (JsonNode certificate : device.path("certificates")) {
      if (certificate.path("status").asString().equals("active")) {
        until = certificate.path("notAfter").asString();
      }
    }
    return String.format(
        ROW,
        device.path("deviceId").asString(),
        device.path("profile").asString(),
        device.path("status").asString(),
        until);
  }

  static String page(JsonNode device) {
    StringBuilder page = new StringBuilder();
    page.append("device   ").append(device.path("deviceId").asString()).append('\n');
    page.append("profile  ").append(device.path("profile").asString()).append('\n');
    page.append("status   ").append(device.path("status").asString());
    if (device.path("suspension").isObject()) {
      page.append(suspension(device.path("suspension")));
    }
    for (JsonNode certificate : device.path("certificates")) {
      page.append("\n\nserial   ").append(certificate.path("serial").asString());
      page.append("\nissuer   ").append(certificate.path("issuer").asString());
      page.append("\nstatus   ").append(certificate.path("status").asString());
      if (certificate.path("revokedAt").isString()) {
        page.append(" at ").append(certificate.path("revokedAt").asString());
        page.append(" (").append(certificate.path("reason").asString()).append(')');
      }
      page.append("\nvalid    ").append(certificate.path("notBefore").asString());
      page.append(" to ").append(certificate.path("notAfter").asString());
      page.append("\nclaims   ").append(claim(certificate.path("claim")));
    }
    return page.toString();
  }

  private static String suspension(JsonNode suspension) {
    String reason = suspension.path("reason").asString();
    return " since "
        + suspension.path("at").asString()
        + " by "
        + suspension.path("by").asString()
        + (reason.isEmpty() ? "" : ": " + reason);
  }

  /** The device's own word, and said to be that. */
  private static String claim(JsonNode claim) {
    if (!claim.isObject()) {
      return "none: the device said nothing of its key";
    }
    return String.format(
        "its key was %s, %s and %s, in %s; the device's own word, proven by nobody",
        claim.path("local").asBoolean() ? "made in its module" : "perhaps brought in",
        claim.path("alwaysSensitive").asBoolean() ? "never readable" : "perhaps readable",
        claim.path("neverExtractable").asBoolean() ? "never exportable" : "perhaps exportable",
        claim.path("module").asString());
  }
}
