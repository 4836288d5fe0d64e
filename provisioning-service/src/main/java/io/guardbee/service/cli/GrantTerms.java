package io.guardbee.service.cli;

import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What every standing grant says: which profiles, how many, until when, under which names. */
final class GrantTerms {

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description = "what may be had (default: sensor); repeat it for more, the first is the usual")
  private List<String> profiles = new ArrayList<>();

  @Option(names = "--budget", paramLabel = "N", description = "devices that it may let in")
  private @Nullable Integer budget;

  @Option(
      names = "--until",
      paramLabel = "WHEN",
      converter = UntilConverter.class,
      description = "when it ends: 2027-01-31, 2027-01-31T12:00:00Z, or P30D from now")
  private @Nullable Instant until;

  @Option(
      names = "--allow-list",
      paramLabel = "FILE",
      description = "the device ids it gives, one a line")
  private @Nullable Path allowList;

  boolean hasAllowList() {
    return allowList != null;
  }

  /** Makes the grant, then puts the names on its list. */
  JsonNode make(Api api, String kind, String name, ObjectNode request)
      throws IOException, InterruptedException {
    List<DeviceId> names = allowList == null ? List.of() : AllowList.read(allowList);
    request.put("kind", kind).put("name", name);
    var wanted = request.putArray("profiles");
    (profiles.isEmpty() ? List.of("sensor") : profiles).forEach(wanted::add);
    if (budget != null) {
      request.put("budget", budget);
    }
    if (until != null) {
      request.put("until", until.toString());
    }
    api.post(GrantCommand.PATH, request);
    AllowList.send(api, name, names);
    return api.get(GrantCommand.path(name));
  }
}
