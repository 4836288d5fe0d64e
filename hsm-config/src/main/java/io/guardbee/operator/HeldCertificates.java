package io.guardbee.operator;

import java.io.PrintWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The certificates of operators or brokers, as commands ask for them and print them. */
public final class HeldCertificates {

  private static final String ROW = "%-20s %-40s %-8s %-24s %s";

  private final Api api;
  private final PrintWriter out;
  private final boolean json;

  /**
   * @param json whether to print the service's answers as they are
   */
  public HeldCertificates(Api api, PrintWriter out, boolean json) {
    this.api = api;
    this.out = out;
    this.json = json;
  }

  /** Prints one a line. */
  public void list(String path) throws InterruptedException {
    JsonNode answer = api.get(path);
    if (json) {
      out.println(answer);
      return;
    }
    out.println(String.format(ROW, "NAME", "SERIAL", "STATUS", "UNTIL", "NOTE"));
    for (JsonNode one : answer.path("certificates")) {
      out.println(
          String.format(
                  ROW,
                  one.path("name").asString(),
                  one.path("serial").asString(),
                  one.path("status").asString(),
                  one.path("notAfter").asString(),
                  note(one))
              .stripTrailing());
    }
  }

  private static String note(JsonNode one) {
    if (one.path("status").asString().equals("revoked")) {
      return one.path("reason").asString("") + " at " + one.path("revokedAt").asString("");
    }
    return one.path("endsAt").isString()
        ? "renewed; superseded at " + one.path("endsAt").asString()
        : "";
  }

  /**
   * Revokes, and prints what that ended.
   *
   * @param path of the holder's revocation
   * @param serial empty for all of the holder's certificates
   */
  public void revoke(String path, String reason, String serial) throws InterruptedException {
    ObjectNode request = Api.JSON.createObjectNode().put("reason", reason);
    if (!serial.isEmpty()) {
      request.put("serial", serial);
    }
    JsonNode answer = api.post(path, request);
    if (json) {
      out.println(answer);
      return;
    }
    out.println("revoked   " + answer.path("name").asString());
    answer.path("serials").forEach(one -> out.println("serial    " + one.asString()));
    out.println(
        "ended     "
            + answer.path("connectionsEnded").asInt()
            + " connections to this service; other replicas end theirs within a second");
  }
}
