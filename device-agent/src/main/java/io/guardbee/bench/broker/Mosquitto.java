package io.guardbee.bench.broker;

import io.guardbee.bench.measure.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Mosquitto beside a running {@code up}, on the same certificates and set up to do the same:
 * revocation list, topics by identity, no delay of small packets.
 */
public final class Mosquitto implements AutoCloseable {

  /** How to get it where it is missing. */
  public static final String INSTALL = "sudo apt-get install mosquitto";

  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/sbin/mosquitto"),
          Path.of("/usr/local/sbin/mosquitto"),
          Path.of("/opt/homebrew/sbin/mosquitto"));

  private final BrokerProcess process;
  private final Contender contender;

  private Mosquitto(BrokerProcess process, Contender contender) {
    this.process = process;
    this.contender = contender;
  }

  /** The program, if this machine has it. */
  public static Optional<Path> find() {
    return PLACES.stream().filter(Files::isExecutable).findFirst();
  }

  /**
   * Starts it.
   *
   * @param home of Guardbee, whose authorities and listener key it uses
   * @param list of revoked certificates, PEM
   */
  public static Mosquitto start(Path program, Path home, String list)
      throws IOException, InterruptedException {
    Path own = Files.createDirectories(home.resolve("mosquitto"));
    int port = FreePort.choose();
    Files.writeString(
        own.resolve("ca.pem"),
        Files.readString(home.resolve("ca/issuing.pem"))
            + Files.readString(home.resolve("ca/root.pem")));
    Files.writeString(own.resolve("crl.pem"), list);
    Files.writeString(own.resolve("acl"), "pattern readwrite devices/%u/#\n");
    Path listener = home.resolve("broker/conf");
    Files.writeString(
        own.resolve("mosquitto.conf"),
        """
        listener %d 127.0.0.1
        user %s
        cafile %s
        certfile %s
        keyfile %s
        crlfile %s
        require_certificate true
        use_identity_as_username true
        acl_file %s
        set_tcp_nodelay true
        persistence false
        log_type error
        """
            .formatted(
                port,
                System.getProperty("user.name"),
                own.resolve("ca.pem"),
                listener.resolve("broker.pem"),
                listener.resolve("broker.key"),
                own.resolve("crl.pem"),
                own.resolve("acl")));
    BrokerProcess process =
        BrokerProcess.start(
            List.of(program.toString(), "-c", own.resolve("mosquitto.conf").toString()),
            own,
            () -> BrokerProcess.listens(port));
    return new Mosquitto(process, process.contender("Mosquitto", port));
  }

  public Contender contender() {
    return contender;
  }

  @Override
  public void close() {
    process.close();
  }
}
