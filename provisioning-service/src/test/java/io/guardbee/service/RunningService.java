package io.guardbee.service;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.operator.Endpoints;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A service of the tests' own, in a home of its own, with a token of its own in the one SoftHSM.
 */
public final class RunningService implements AutoCloseable {

  /** What each new home's configuration says of its database; nothing for the embedded one. */
  private static Supplier<String> database = () -> "";

  private final Home home;
  private final Clock clock;
  private ProvisioningService service;

  private RunningService(Home home, Clock clock) throws IOException {
    this.home = home;
    this.clock = clock;
    this.service = launch();
  }

  /** Starts on an empty directory, with these lines beside the test's own configuration. */
  public static RunningService start(Path directory, String... configuration) throws IOException {
    return start(Clock.systemUTC(), directory, configuration);
  }

  /** The same at another time. */
  public static RunningService start(Clock clock, Path directory, String... configuration)
      throws IOException {
    Home home = new Home(directory);
    Pkcs11Uri token = token();
    Files.createDirectories(directory);
    Files.writeString(
        home.config(),
        "hsm:\n  uri: \""
            + token
            + "\"\nlisten:\n  https: 0\n  http: 0\n"
            + database.get()
            + String.join("\n", configuration));
    return new RunningService(home, clock);
  }

  /** From now on a new home has such a database, until told otherwise. */
  static void useDatabase(Supplier<String> configuration) {
    database = configuration;
  }

  /** The token of all tests of this JVM: SOFTHSM2_CONF cannot change while it runs. */
  public static Pkcs11Uri token() {
    return SoftHsm.prepare(softHsm(), "guardbee-tests");
  }

  private static Path softHsm() {
    String file = Objects.requireNonNull(System.getenv("SOFTHSM2_CONF"), "SOFTHSM2_CONF");
    return Objects.requireNonNull(Path.of(file).toAbsolutePath().getParent());
  }

  private ProvisioningService launch() throws IOException {
    var config = ConfigFile.load(home);
    return ProvisioningService.start(
        home, config.listeningOn(config.listen().withFreePorts()), clock);
  }

  /** Stops it and starts it again on the same home. */
  public void restart() throws IOException {
    service.close();
    service = launch();
  }

  /** Stops it; {@link #restart} starts it again. */
  public void stop() {
    service.close();
  }

  public Home home() {
    return home;
  }

  public Endpoints endpoints() {
    return service.endpoints();
  }

  @Override
  public void close() {
    service.close();
  }
}
