package io.guardbee.service.cli;

import io.guardbee.service.config.Config;
import io.guardbee.service.config.Config.Listen;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where to listen, for this run; what is not given comes from {@code config.yaml}. */
public final class ListenOptions {

  @Option(names = "--https-port", paramLabel = "N", description = "EST and REST; 0: any free port")
  private @Nullable Integer https;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "readiness and CA certificates; 0: any free port")
  private @Nullable Integer http;

  @Option(names = "--mqtts-port", paramLabel = "N", description = "the broker; 0: any free port")
  private @Nullable Integer mqtts;

  @Option(
      names = "--wss-port",
      paramLabel = "N",
      description = "the broker's secure WebSocket; 0: any free port (default: none)")
  private @Nullable Integer wss;

  @Option(names = "--bind", paramLabel = "ADDRESS", description = "address of all listeners")
  private @Nullable String bind;

  /** The configuration with these options in force and every port chosen. */
  public Config apply(Config config) {
    Listen file = config.listen();
    Listen chosen =
        new Listen(
            bind == null ? file.bind() : bind,
            https == null ? file.https() : https,
            http == null ? file.http() : http,
            mqtts == null ? file.mqtts() : mqtts,
            wss == null ? file.wss() : wss,
            file.names());
    return config.listeningOn(chosen.withFreePorts());
  }
}
