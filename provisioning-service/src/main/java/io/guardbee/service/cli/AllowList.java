package io.guardbee.service.cli;

import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Files of device ids: one a line; empty lines and what follows a # are passed over. */
final class AllowList {

  /** So many of the longest names fit into one request. */
  private static final int CHUNK = 400;

  private AllowList() {}

  /**
   * Reads the file.
   *
   * @throws RefusedException {@code DEVICE_ID_INVALID} naming file and line
   */
  static List<DeviceId> read(Path file) throws IOException {
    List<DeviceId> names = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      String name = line.split("#", 2)[0].strip();
      if (!name.isEmpty()) {
        names.add(deviceId(file, number, name));
      }
    }
    return names;
  }

  private static DeviceId deviceId(Path file, int line, String name) {
    try {
      return new DeviceId(name);
    } catch (RefusedException e) {
      throw new RefusedException(
          e.reason(), file + " line " + line + ": " + e.detail(), e.nextStep());
    }
  }

  /** Sends them, as many requests as it takes; a repeat does no harm. Returns how many were new. */
  static int send(Api api, String grant, List<DeviceId> names) throws InterruptedException {
    int added = 0;
    for (int from = 0; from < names.size(); from += CHUNK) {
      ObjectNode request = Api.JSON.createObjectNode();
      ArrayNode chunk = request.putArray("names");
      names
          .subList(from, Math.min(from + CHUNK, names.size()))
          .forEach(name -> chunk.add(name.value()));
      added += api.post(GrantCommand.path(grant) + "/names", request).path("added").asInt();
    }
    return added;
  }
}
