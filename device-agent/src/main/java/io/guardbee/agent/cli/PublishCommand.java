package io.guardbee.agent.cli;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.mqtt.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "publish",
    description = "Publishes one message and waits until the broker has taken or refused it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee agent publish --id d-1 hello",
      "  guardbee agent publish --id d-1 --topic devices/d-1/telemetry/temp 21.5",
      "  sensors -j | guardbee agent publish --id d-1 -",
      "",
      "While guardbee agent run is connected the message goes out on its connection.",
      "With --qos 0 the broker does not answer: a refused topic is then not noticed."
    })
final class PublishCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private ClientIdOption clientId = new ClientIdOption();

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "topic (default: devices/<id>/telemetry/message)")
  private @Nullable String topic;

  @Option(
      names = "--qos",
      defaultValue = "1",
      paramLabel = "N",
      description = "0, 1 or 2 (default: ${DEFAULT-VALUE})")
  private int qos;

  @Parameters(paramLabel = "MESSAGE", description = "the payload; - reads stdin")
  private String message = "";

  @Override
  public Integer call() throws IOException {
    if (qos < 0 || qos > 2) {
      throw new ParameterException(spec.commandLine(), "--qos " + qos + ": give 0, 1 or 2");
    }
    String where = topic == null ? "devices/" + device.id() + "/telemetry/message" : topic;
    byte[] payload = payload();
    DeviceAgent.publish(
        device.home(), device.id(), clientId.of(device.id()), new Message(where, payload, qos));
    spec.commandLine().getErr().println("published " + payload.length + " octets to " + where);
    return 0;
  }

  private byte[] payload() throws IOException {
    return message.equals("-")
        ? System.in.readAllBytes()
        : message.getBytes(StandardCharsets.UTF_8);
  }
}
