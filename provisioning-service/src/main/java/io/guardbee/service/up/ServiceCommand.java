package io.guardbee.service.up;

import io.guardbee.cli.HomeOption;
import io.guardbee.service.ProvisioningService;
import io.guardbee.service.cli.ListenOptions;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code guardbee service}: the service alone, for production. */
@Command(
    name = "service",
    mixinStandardHelpOptions = true,
    description = "The provisioning service by itself.",
    subcommands = ServiceCommand.Run.class,
    footer = {"", "Example:", "  guardbee service run --home /srv/guardbee --bind 0.0.0.0"})
public final class ServiceCommand {

  /** {@code guardbee service run}. */
  @Command(
      name = "run",
      mixinStandardHelpOptions = true,
      description = "Runs the service until it is stopped.",
      footer = {
        "",
        "Example:",
        "  guardbee service run --home /srv/guardbee --bind 0.0.0.0",
        "",
        "Exit codes: 0 stopped by SIGTERM or Ctrl-C, 1 refused or failed, 2 misuse."
      })
  public static final class Run implements Callable<Integer> {

    @Mixin private HomeOption home;
    @Mixin private ListenOptions listen;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Home here = new Home(home.directory());
      Config config = listen.apply(ConfigFile.load(here));
      try (Shutdown stop = Shutdown.onSignal();
          var service = ProvisioningService.start(here, config, Clock.systemUTC())) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("service is ready on " + service.endpoints().https());
        out.flush();
        stop.await();
        return 0;
      }
    }
  }
}
