package io.guardbee.service.up;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Endpoints;
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

/** {@code guardbee up}: service and broker on this machine, until it is stopped. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = "Starts everything on this machine: the service here, the broker beside it.",
    footer = {
      "",
      "Examples:",
      "  guardbee up",
      "  guardbee up --home /srv/guardbee --https-port 9443 --mqtts-port 9883",
      "",
      "The last line when it is usable: guardbee is ready. Ctrl-C stops both."
    })
public final class UpCommand implements Callable<Integer> {

  private static final int FAILED = 1;

  @Mixin private HomeOption home;
  @Mixin private ListenOptions listen;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home here = new Home(home.directory());
    Config config = listen.apply(ConfigFile.load(here));
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter narration = spec.commandLine().getErr();
    BrokerProcess.awaitEndOfOrphan(here);
    try (Shutdown stop = Shutdown.onSignal();
        var service = ProvisioningService.start(here, config, Clock.systemUTC());
        BrokerProcess broker =
            BrokerProcess.start(here, config.listen(), service.endpoints().https(), narration)) {
      broker.onExit(stop::request);
      broker.awaitReady();
      welcome(out, here, service.endpoints());
      stop.await();
      return stop.bySignal() ? 0 : FAILED;
    }
  }

  private static void welcome(PrintWriter out, Home home, Endpoints at) {
    out.println("home      " + home.directory());
    out.println("service   " + at.https() + "  (EST and REST)");
    out.println("broker    " + at.mqtts());
    if (at.wss() != null) {
      out.println("          " + at.wss());
    }
    out.println("trust     " + at.trust());
    out.println("          " + at.caFingerprint());
    out.println();
    out.println("next      ./guardbee demo");
    out.println("or        ./guardbee device grant d-1 > d-1.token");
    out.println("          ./guardbee agent enroll --id d-1 --token-file d-1.token");
    out.println("          ./guardbee agent publish --id d-1 hello");
    out.println();
    out.println("guardbee is ready");
    out.flush();
  }
}
