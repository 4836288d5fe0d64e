package io.guardbee.service.cli;

import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the approval commands ask of the service. */
record ApprovalCalls(Api api) {

  private static final int PAGE = 1000;

  List<JsonNode> pending() throws InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    long after = 0;
    JsonNode page;
    do {
      page = api.get("/v1/approvals?limit=" + PAGE + "&after=" + after).path("approvals");
      for (JsonNode entry : page) {
        all.add(entry);
        after = entry.path("id").asLong();
      }
    } while (page.size() == PAGE);
    return all;
  }

  /** The one key that the device asks with. */
  String key(DeviceId device) throws InterruptedException {
    Set<String> keys = new TreeSet<>();
    for (JsonNode entry : api.get(path(device)).path("approvals")) {
      keys.add(entry.path("key").asString());
    }
    if (keys.size() != 1) {
      throw new RefusedException(
          keys.isEmpty() ? Reason.NOT_FOUND : Reason.KEY_NOT_SAME,
          keys.isEmpty()
              ? "no request of device " + device + " waits for approval"
              : "device " + device + " asks with several keys: " + String.join(", ", keys),
          keys.isEmpty() ? "see guardbee device pending" : "name the one you mean with --key");
    }
    return keys.iterator().next();
  }

  JsonNode decide(DeviceId device, String decision, @Nullable String key, @Nullable String reason)
      throws InterruptedException {
    ObjectNode request = Api.JSON.createObjectNode().put("decision", decision);
    if (key != null) {
      request.put("key", Fingerprint.parse(key).toString());
    }
    if (reason != null) {
      request.put("reason", reason);
    }
    return api.post(path(device), request).path("approvals");
  }

  private static String path(DeviceId device) {
    return "/v1/approvals/" + URLEncoder.encode(device.value(), StandardCharsets.UTF_8);
  }
}
