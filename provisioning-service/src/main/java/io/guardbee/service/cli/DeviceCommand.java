package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.files.SafeFiles;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee device}: one device at a time. */
@Command(
    name = "device",
    mixinStandardHelpOptions = true,
    description = "Devices: let them in, look at them, throw them out.",
    subcommands = {
      DeviceCommand.Grant.class,
      DeviceCommand.ListAll.class,
      DeviceCommand.Show.class,
      PendingCommand.class,
      ApproveCommand.class,
      DenyCommand.class,
      ExplainCommand.class,
      SuspendCommand.class,
      ReinstateCommand.class,
      RevokeCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device grant d-1 > d-1.token",
      "  guardbee device list",
      "  guardbee device explain d-1",
      "  guardbee device suspend d-1 --reason 'seen at two places'",
      "  guardbee device reinstate d-1",
      "  guardbee device revoke d-1 --reason keyCompromise"
    })
public final class DeviceCommand {

  static String path(DeviceId id) {
    return "/v1/devices/" + URLEncoder.encode(id.value(), StandardCharsets.UTF_8);
  }

  /** {@code guardbee device grant}. */
  @Command(
      name = "grant",
      mixinStandardHelpOptions = true,
      description = "Makes a one-time token with which the device enrols; prints the token alone.",
      footer = {
        "",
        "Examples:",
        "  guardbee device grant d-1 > d-1.token",
        "  guardbee device grant app-1 --profile application --out app-1.token",
        "  guardbee device grant d-1 --valid-for P30D > label.txt",
        "  guardbee device grant web-1 --profile server --dns web-1.plant.example --ip 10.1.2.3",
        "  guardbee device grant d-1 --withdraw",
        "  guardbee device grant d-1 --json"
      })
  public static final class Grant implements Callable<Integer> {

    @Parameters(paramLabel = "ID", description = "the device id")
    private String id;

    @Option(
        names = "--profile",
        description = {
          "sensor (default), gateway, application, station, server,",
          "or one of your own in config.yaml"
        })
    private @Nullable String profile;

    @Option(
        names = "--valid-for",
        paramLabel = "DURATION",
        description = "PT1H, P30D (default: tokens.validity in config.yaml)")
    private @Nullable Duration validity;

    @Option(
        names = "--dns",
        paramLabel = "NAME",
        description = "a DNS name of the server; may be repeated")
    private final List<String> dnsNames = new ArrayList<>();

    @Option(
        names = "--ip",
        paramLabel = "ADDRESS",
        description = "an address of the server; may be repeated")
    private final List<String> addresses = new ArrayList<>();

    @Option(names = "--withdraw", description = "withdraw its unused tokens, and make none")
    private boolean withdraw;

    @Option(names = "--out", paramLabel = "FILE", description = "write the token there (0600)")
    private @Nullable Path out;

    @Option(names = "--json", description = "print deviceId, token and expires as JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      DeviceId deviceId = new DeviceId(id);
      Api api = Api.of(home.directory());
      return withdraw ? withdraw(api, deviceId) : grant(api, deviceId);
    }

    private int grant(Api api, DeviceId deviceId) throws IOException, InterruptedException {
      ObjectNode request = Api.JSON.createObjectNode();
      if (profile != null) {
        request.put("profile", profile);
      }
      if (validity != null) {
        request.put("validity", validity.toString());
      }
      if (!dnsNames.isEmpty() || !addresses.isEmpty()) {
        ArrayNode names = request.putArray("names");
        dnsNames.forEach(name -> names.add("dns:" + name));
        addresses.forEach(address -> names.add("ip:" + address));
      }
      JsonNode grant = api.post(path(deviceId) + "/grants", request);
      String data = json ? grant.toString() : grant.path("token").asString();
      if (out == null) {
        spec.commandLine().getOut().println(data);
      } else {
        SafeFiles.writeSecret(out, (data + "\n").getBytes(StandardCharsets.UTF_8));
      }
      PrintWriter narration = spec.commandLine().getErr();
      narration.println(
          "device " + deviceId + " may enrol once until " + grant.path("expires").asString());
      return 0;
    }

    private int withdraw(Api api, DeviceId deviceId) throws InterruptedException {
      JsonNode done = api.delete(path(deviceId) + "/grants");
      if (json) {
        spec.commandLine().getOut().println(done);
      }
      int open = done.path("withdrawn").asInt();
      spec.commandLine().getErr().println("withdrew " + open + " open tokens of " + deviceId);
      return 0;
    }
  }

  /** {@code guardbee device list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every device.",
      footer = {"", "Examples:", "  guardbee device list", "  guardbee device list --json"})
  public static final class ListAll implements Callable<Integer> {

    private static final int PAGE = 1000;

    @Option(names = "--json", description = "print one JSON object a line")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Api api = Api.of(home.directory());
      PrintWriter out = spec.commandLine().getOut();
      if (!json) {
        out.println(DeviceTable.HEADER);
      }
      String after = "";
      JsonNode page;
      do {
        String from = URLEncoder.encode(after, StandardCharsets.UTF_8);
        page = api.get("/v1/devices?limit=" + PAGE + "&after=" + from).path("devices");
        for (JsonNode device : page) {
          out.println(json ? device.toString() : DeviceTable.row(device));
          after = device.path("deviceId").asString();
        }
      } while (page.size() == PAGE);
      return 0;
    }
  }

  /** {@code guardbee device show}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows one device and every certificate it was issued.",
      footer = {"", "Examples:", "  guardbee device show d-1", "  guardbee device show d-1 --json"})
  public static final class Show implements Callable<Integer> {

    @Parameters(paramLabel = "ID", description = "the device id")
    private String id;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonNode device = Api.of(home.directory()).get(path(new DeviceId(id)));
      spec.commandLine().getOut().println(json ? device.toString() : DeviceTable.page(device));
      return 0;
    }
  }
}
