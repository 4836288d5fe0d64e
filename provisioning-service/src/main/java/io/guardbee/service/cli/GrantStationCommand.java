package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.files.SafeFiles;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee grant station}: a factory line vouches for its devices. */
@Command(
    name = "station",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a station enrol devices: it sends their requests with its own certificate.",
      "Prints a one-time token for that certificate alone; a station that has one needs none."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee grant station line-1 --budget 5000 --until P1D > line-1.token",
      "  guardbee grant station line-1 --budget 5000 --until P1D --no-token",
      "  guardbee grant station repair --budget 20 --until P1D --may-replace > repair.token"
    })
final class GrantStationCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the station's name, and the grant's")
  private String id;

  @Option(names = "--no-token", description = "the station has its certificate")
  private boolean noToken;

  @Option(
      names = "--may-replace",
      description = {
        "it may also enrol a device again that had a certificate, when none of them is good;",
        "without this only devices that never had one"
      })
  private boolean mayReplace;

  @Option(
      names = "--station-profile",
      paramLabel = "PROFILE",
      defaultValue = "station",
      description = "of the station's own certificate (default: station)")
  private String stationProfile;

  @Option(names = "--out", paramLabel = "FILE", description = "write the token there (0600)")
  private @Nullable Path out;

  @Option(names = "--json", description = "print the grant, and token and expires, as JSON")
  private boolean json;

  @Mixin private GrantTerms terms;
  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId station = new DeviceId(id);
    Api api = Api.of(home.directory());
    ObjectNode request =
        Api.JSON
            .createObjectNode()
            .put("anyName", !terms.hasAllowList())
            .put("mayReplace", mayReplace);
    ObjectNode grant = (ObjectNode) terms.make(api, "station", station.value(), request);
    String token = "";
    if (!noToken) {
      JsonNode made =
          api.post(
              DeviceCommand.path(station) + "/grants",
              Api.JSON.createObjectNode().put("profile", stationProfile));
      token = made.path("token").asString();
      grant.put("token", token).put("expires", made.path("expires").asString());
    }
    print(json ? grant.toString() : token);
    narrate(station, grant);
    return 0;
  }

  private void print(String data) throws IOException {
    if (out != null) {
      SafeFiles.writeSecret(out, (data + "\n").getBytes(StandardCharsets.UTF_8));
    } else if (!data.isEmpty()) {
      spec.commandLine().getOut().println(data);
    }
  }

  private void narrate(DeviceId station, JsonNode grant) {
    spec.commandLine()
        .getErr()
        .println(
            "station "
                + station
                + " may enrol "
                + grant.path("budget").asString()
                + " devices until "
                + grant.path("until").asString());
  }
}
