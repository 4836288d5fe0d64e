package io.guardbee.agent.cli;

import io.guardbee.agent.device.DeviceStatus;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "status",
    description = "Shows what the device holds: key, certificate, renewal, last contact.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee agent status --id d-1",
      "  guardbee agent status --id d-1 --json | jq -r .notAfter"
    })
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() {
    Map<String, String> shown = shown(DeviceStatus.read(device.home(), device.id()));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(shown));
    } else {
      shown.forEach((name, value) -> out.printf("%-12s %s%n", name, value));
    }
    return 0;
  }

  private static Map<String, String> shown(DeviceStatus status) {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("deviceId", status.deviceId().value());
    shown.put("key", status.key());
    shown.put("serial", status.serial().toString());
    shown.put("notBefore", status.notBefore().toString());
    shown.put("notAfter", status.notAfter().toString());
    shown.put("renewAt", status.renewAt().toString());
    shown.put("server", status.server().toString());
    shown.put("broker", status.broker().toString());
    status
        .lastContact()
        .ifPresent(
            contact -> {
              shown.put("contactAt", contact.at().toString());
              shown.put("contact", contact.outcome());
            });
    return shown;
  }
}
