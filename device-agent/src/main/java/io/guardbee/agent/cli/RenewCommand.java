package io.guardbee.agent.cli;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.pki.Serial;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "renew",
    description = "Gets a new certificate now, for the same key; agent run does so by itself.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  guardbee agent renew --id d-1"})
final class RenewCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    try (DeviceAgent agent = DeviceAgent.open(device.home(), device.id())) {
      Enrolment renewed = agent.renew();
      PrintWriter out = spec.commandLine().getOut();
      out.println("renewed     " + renewed.deviceId());
      out.println("serial      " + Serial.of(renewed.certificate()));
      out.println("valid until " + renewed.certificate().getNotAfter().toInstant());
    }
    return 0;
  }
}
