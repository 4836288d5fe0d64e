package io.guardbee.service.up;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.RefusedException;
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
      "The last line when it is usable: guardbee is ready. Ctrl-C or SIGTERM stops both, with exit",
      "code 0. A broker that ends is started again, after 1 s, then 2, 4, ... 60 s. A broker that",
      "is to outlive the service runs by itself: guardbee service run, guardbee broker run."
    })
public final class UpCommand implements Callable<Integer> {

  @Mixin private HomeOption home;
  @Mixin private ListenOptions listen;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home here = new Home(home.directory());
    Config config = listen.apply(ConfigFile.load(here));
    BrokerProcess.awaitEndOfOrphan(here);
    try (Shutdown stop = Shutdown.onSignal();
        var service = ProvisioningService.start(here, config, Clock.systemUTC());
        BrokerSupervisor broker = broker(here, config, service.endpoints())) {
      if (isReady(broker, stop)) {
        welcome(spec.commandLine().getOut(), here, service.endpoints());
      }
      stop.await();
      return 0;
    }
  }

  private BrokerSupervisor broker(Home here, Config config, Endpoints at) throws IOException {
    PrintWriter narration = spec.commandLine().getErr();
    return BrokerSupervisor.start(
        () -> BrokerProcess.start(here, config.listen(), at.https(), narration), narration);
  }

  /** A terminal's Ctrl-C reaches the broker too: that it stops then is no failure. */
  private static boolean isReady(BrokerSupervisor broker, Shutdown stop)
      throws InterruptedException {
    try {
      broker.awaitReady();
      return true;
    } catch (RefusedException e) {
      if (stop.isRequested()) {
        return false;
      }
      throw e;
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
