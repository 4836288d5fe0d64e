package io.guardbee.broker.run;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.HiveMQServer;
import com.hivemq.configuration.info.SystemInformationImpl;
import com.hivemq.exceptions.StartAbortedException;
import com.hivemq.exceptions.UnrecoverableException;
import io.guardbee.broker.GuardbeeExtension;
import io.guardbee.broker.run.listener.ConnectionLimiter;
import io.guardbee.cli.HomeOption;
import io.guardbee.cli.TerminationSignals;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs HiveMQ with the extension, in this JVM, until it is told to stop. */
@Command(
    name = "run",
    description = "Runs the MQTT broker. Needs the home that the service made at its first start.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee broker run",
      "  guardbee broker run --home /var/lib/guardbee --mqtts-port 8884 --bind 0.0.0.0",
      "  guardbee broker run --wss-port 8884",
      "  guardbee broker run --service https://pki-1:8443 --service https://pki-2:8443",
      "",
      "Exit codes: 0 stopped by SIGTERM or Ctrl-C, 1 refused or failed, 2 misuse."
    })
final class RunCommand implements Callable<Integer> {

  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--mqtts-port",
      paramLabel = "N",
      defaultValue = "8883",
      description = "Port for MQTT over TLS, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--wss-port",
      paramLabel = "N",
      description = "Port for MQTT over secure WebSocket, 0 for any free one (default: none).")
  private @Nullable Integer wssPort;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String bind = "127.0.0.1";

  @Option(
      names = "--service",
      paramLabel = "URL",
      defaultValue = "https://localhost:8443",
      description = "The provisioning service; may be repeated (default: ${DEFAULT-VALUE}).")
  private List<URI> services = List.of();

  @Override
  public Integer call() throws Exception {
    Parent.endWithIt();
    Listener listener = Listener.choose(bind, port, wssPort, new SecureRandom());
    BrokerHome broker = new BrokerHome(home.directory(), new SecureRandom());
    BrokerData data = new BrokerData(broker.folder().resolve("data"));
    data.requireRoom();
    broker.prepare(listener, ExtensionZip.find());
    System.setProperty("guardbee.service", joined());
    System.setProperty("hivemq.home", broker.folder().toString());
    HiveMqVersion.find()
        .ifPresent(version -> System.setProperty(GuardbeeExtension.HIVEMQ_VERSION, version));
    System.clearProperty(GuardbeeExtension.OUTCOME);
    start(broker, data);
    String outcome = System.getProperty(GuardbeeExtension.OUTCOME, "the extension was not loaded");
    if (!outcome.equals(GuardbeeExtension.STARTED)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "the broker has no door and is stopped: " + outcome,
          "mend that; the whole log is in " + broker.log());
    }
    if (ConnectionLimiter.listeners() == 0) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "the broker's Netty does not limit connections, and is stopped",
          "restore the jars of the distribution: Netty 4.1.138 or later of 4.1");
    }
    new Announcement(spec.commandLine().getErr(), listener, joined()).make();
    return 0;
  }

  private static void start(BrokerHome broker, BrokerData data) throws Exception {
    data.prepare(Runtime.getRuntime().availableProcessors());
    try {
      MetricRegistry metrics = new MetricRegistry();
      ConnectionLimiter.install(broker.connections(), metrics);
      // what its own main does, with a registry that we know
      HiveMQServer server =
          new HiveMQServer(new SystemInformationImpl(true), metrics, null, true, true);
      TerminationSignals.handle(() -> stop(server));
      server.start();
    } catch (StartAbortedException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          "HiveMQ cannot use " + data.folder() + ": " + e.getMessage(),
          "stop the other broker of this home, or give this one a home of its own");
    } catch (UnrecoverableException e) {
      throw data.doesNotOpen();
    }
  }

  /** A signal asks for the end. Exit code 0 says that everything has been written and closed. */
  private static void stop(HiveMQServer server) {
    int code = FAILED;
    try {
      server.stop();
      code = 0;
    } finally {
      System.exit(code);
    }
  }

  private String joined() {
    return String.join(",", services.stream().map(URI::toString).toList());
  }
}
