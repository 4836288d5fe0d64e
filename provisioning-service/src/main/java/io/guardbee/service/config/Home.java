package io.guardbee.service.config;

import java.nio.file.Path;

/**
 * The home directory: where everything that Guardbee makes lives. Knows names, creates nothing.
 *
 * @param directory absolute
 */
public record Home(Path directory) {

  public Home {
    directory = directory.toAbsolutePath().normalize();
  }

  public Path config() {
    return directory.resolve("config.yaml");
  }

  /** The embedded SoftHSM token. */
  public Path hsm() {
    return directory.resolve("hsm");
  }

  /** Public certificates of the authorities. */
  public Path ca() {
    return directory.resolve("ca");
  }

  public Path operator() {
    return directory.resolve("operator");
  }

  public Path database() {
    return directory.resolve("db");
  }

  /** The HiveMQ home of the all-in-one's broker. */
  public Path broker() {
    return directory.resolve("broker");
  }

  /** Keys shared with devices, under which keys made for them are encrypted. */
  public Path deviceKeys() {
    return directory.resolve("device-keys");
  }

  public Path run() {
    return directory.resolve("run");
  }

  /** Actual addresses and paths, for scripts. */
  public Path endpoints() {
    return run().resolve("endpoints.json");
  }
}
