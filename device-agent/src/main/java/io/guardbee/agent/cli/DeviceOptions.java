package io.guardbee.agent.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.pki.DeviceId;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which device, and where its state is. */
final class DeviceOptions {

  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--id",
      required = true,
      paramLabel = "ID",
      description = "device id: 1 to 128 of A-Z a-z 0-9 . _ : -")
  private String id = "";

  DeviceId id() {
    return new DeviceId(id);
  }

  Path home() {
    return home.directory();
  }
}
