package io.guardbee.agent.cli;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.cli.TerminationSignals;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "run",
    description = "Stays connected: heartbeats, commands, reconnecting, renewing. SIGTERM ends it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee agent run --id d-1",
      "  guardbee agent run --id d-1 --heartbeat 5 > commands.ndjson",
      "",
      "Beside it, guardbee agent publish hands its messages to this connection.",
      "Each command that arrives is one JSON line on stdout; everything else goes to stderr.",
      "A lost connection is tried again after up to 1 s, then up to 2, 4, … 60 s. A broker that",
      "refuses the device is asked again every 30 to 60 s: an operator may let it in again."
    })
final class RunCommand implements Callable<Integer> {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long GOODBYE_SECONDS = 5;
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private ClientIdOption clientId = new ClientIdOption();

  @Option(
      names = "--heartbeat",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "seconds between heartbeats (default: ${DEFAULT-VALUE})")
  private long heartbeat;

  /** A command of the operator as it is printed. */
  private record Arrived(String topic, String payload) {}

  @Override
  public Integer call() {
    if (heartbeat < 1) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID, "--heartbeat " + heartbeat, "give 1 second or more");
    }
    try (DeviceAgent agent = DeviceAgent.open(device.home(), device.id())) {
      TerminationSignals.handle(() -> end(agent));
      agent.run(clientId.of(device.id()), Duration.ofSeconds(heartbeat), this::print);
    }
    return 0;
  }

  /** The broker learns that this is a goodbye and not a failure. */
  private static void end(DeviceAgent agent) {
    agent.stop();
    try {
      TimeUnit.SECONDS.sleep(GOODBYE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.exit(FAILED); // not reached unless what hangs keeps the process
  }

  private void print(String topic, byte[] payload) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        JSON.writeValueAsString(new Arrived(topic, new String(payload, StandardCharsets.UTF_8))));
    out.flush();
  }
}
