package io.guardbee.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of the tests' own, as Debian packs it, with fsync on: in a directory that
 * goes with it, on 127.0.0.1. It ends with this JVM, however that ends. Not for use by many
 * threads.
 */
public final class TestPostgres implements AutoCloseable {

  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
  private static final String OTHER_USER = "postgres"; // initdb refuses to run as root
  private static @Nullable TestPostgres shared;

  private final Path directory;
  private final Path programs;
  private final int port;
  private final String password = UUID.randomUUID().toString();
  private @Nullable Daemon server;

  private TestPostgres(Path directory) throws IOException {
    this.directory = directory;
    this.programs = programs();
    this.port = freePort();
  }

  /**
   * A database of a test's own, and its owner.
   *
   * @param passwordFile mode 0600
   */
  public record Db(String url, String user, Path passwordFile) {

    public String password() {
      try {
        return Files.readString(passwordFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The lines of {@code config.yaml} that name it. */
    public String[] configuration() {
      return new String[] {
        "db:", "  url: \"" + url + "\"", "  user: " + user, "  passwordFile: " + passwordFile
      };
    }
  }

  /** The one that all tests of this JVM may use, each with databases of its own. */
  public static synchronized TestPostgres shared() throws IOException, InterruptedException {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /** One for tests that stop it. */
  public static TestPostgres start(String... settings) throws IOException, InterruptedException {
    return startIn(Files.createTempDirectory("guardbee-postgres"), settings);
  }

  /** The same, with its data in that directory, which goes with it. */
  public static TestPostgres startIn(Path directory, String... settings)
      throws IOException, InterruptedException {
    TestPostgres started = new TestPostgres(directory);
    try {
      started.initialise(settings);
      started.restart();
      Runtime.getRuntime().addShutdownHook(new Thread(started::close, "postgres-close"));
      return started;
    } catch (IOException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void initialise(String... settings) throws IOException, InterruptedException {
    Path secret = directory.resolve("password");
    Files.writeString(secret, password);
    if (isRoot()) {
      run(List.of("chown", "-R", OTHER_USER, directory.toString()));
    }
    run(
        asOther(
            "initdb",
            "--pgdata=" + directory.resolve("data"),
            "--username=postgres",
            "--pwfile=" + secret,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8"));
    StringBuilder text = new StringBuilder("unix_socket_directories = ''\n");
    for (String setting : settings) {
      text.append(setting).append('\n');
    }
    Path configuration = directory.resolve("data/postgresql.conf");
    Files.writeString(configuration, Files.readString(configuration) + text);
  }

  /** Starts it again where it is stopped. */
  public void restart() throws IOException, InterruptedException {
    server =
        Daemon.start(
            Map.of(),
            "QUIT",
            directory.resolve("log"),
            asOther(
                    "postgres",
                    "-D",
                    directory.resolve("data").toString(),
                    "-p",
                    String.valueOf(port),
                    "-c",
                    "listen_addresses=127.0.0.1")
                .toArray(new String[0]));
    try {
      await("PostgreSQL on port " + port)
          .atMost(PatientWaiting.PATIENCE)
          .until(
              () ->
                  exitCode(List.of(program("pg_isready"), "-h", "127.0.0.1", "-p", "" + port))
                      == 0);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new IllegalStateException(Files.readString(directory.resolve("log")), e);
    }
  }

  /** Stops it as a crash does, without a goodbye to anybody. */
  public void stop() throws IOException {
    if (server != null) {
      server.kill();
      server = null;
    }
  }

  /** An empty database with an owner. */
  public Db database() throws IOException, InterruptedException {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    String secret = UUID.randomUUID().toString();
    sql("postgres", "create role " + name + " login password '" + secret + "'");
    sql("postgres", "create database " + name + " owner " + name);
    Path file =
        Files.createTempFile(
            "guardbee-db",
            ".password",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    file.toFile().deleteOnExit();
    Files.writeString(file, secret);
    return new Db("jdbc:postgresql://127.0.0.1:" + port + "/" + name, name, file);
  }

  /** What the server's master says to it, as {@code psql} prints it, without decoration. */
  public String sql(String database, String statement) throws IOException, InterruptedException {
    return tool(
        "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement);
  }

  /** The output of one of the server's own tools, run by the server's master. */
  public String tool(String name, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program(name), "-h", "127.0.0.1", "-p", String.valueOf(port), "-U", "postgres"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGPASSWORD", password);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + said);
    }
    return said.strip();
  }

  @Override
  public void close() {
    try {
      stop();
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private List<String> asOther(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + OTHER_USER, "--regid=" + OTHER_USER, "--clear-groups"));
    }
    command.add(program(program));
    command.addAll(List.of(arguments));
    return command;
  }

  private String program(String name) {
    return programs.resolve(name).toString();
  }

  private void run(List<String> command) throws IOException, InterruptedException {
    int code = exitCode(command);
    if (code != 0) {
      String log = Files.readString(directory.resolve("log"));
      throw new IllegalStateException(command + " ended with " + code + ": " + log);
    }
  }

  private int exitCode(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
            .start();
    if (!process.waitFor(PatientWaiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  /** Below the ports that clients get (TRAPS 47). */
  private static int freePort() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20000, 32768);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (java.net.BindException e) {
        // taken: the next one
      }
    }
    throw new IllegalStateException("no free port from 20000 to 32767");
  }

  /** The newest version that is installed. */
  private static Path programs() throws IOException {
    if (!Files.isDirectory(DEBIAN)) {
      throw new IllegalStateException("PostgreSQL is missing; ./guardbee test installs it");
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(programs -> Files.exists(programs.resolve("postgres")))
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new IllegalStateException("no postgres in " + DEBIAN));
    }
  }
}
