package io.guardbee.agent.cli;

import io.guardbee.pki.DeviceId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The MQTT client id, which for most devices is the device id. */
final class ClientIdOption {

  @Option(
      names = "--client-id",
      paramLabel = "ID",
      description =
          "MQTT client id (default: the device id); the policy wants <device id>/<any> of gateways"
              + " and applications")
  private @Nullable String clientId;

  String of(DeviceId device) {
    return clientId == null ? device.value() : clientId;
  }
}
