package io.guardbee.testing;

import static org.awaitility.Awaitility.await;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.uri.Pkcs11Uri;
import java.io.IOException;
import java.math.BigInteger;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A token of tpm2-pkcs11 on a software TPM: swtpm, and before it the resource manager tpm2-abrmd on
 * a D-Bus of its own, for tpm2-pkcs11 alone gives no object back and the TPM holds three. They
 * speak through sockets in the directory and need no port. Not for use by many threads.
 */
public final class SoftTpm implements AutoCloseable {

  private static final String LABEL = "guardbee-tpm";
  private static final int SOCKET_PATH_LENGTH = 107; // unix(7): sun_path
  private static final String RESOURCE_MANAGER = "/usr/sbin/tpm2-abrmd"; // not on every PATH
  private static @Nullable SoftTpm shared;

  private final Path directory;
  private final Path module;
  private final Map<String, String> environment = new HashMap<>();
  private @Nullable Daemon tpm;
  private @Nullable Daemon bus;
  private @Nullable Daemon resourceManager;

  private SoftTpm(Path directory) {
    this.directory = directory;
    this.module = module();
    environment.put("TPM2_PKCS11_STORE", directory.resolve("store").toString());
    environment.put("TPM2_PKCS11_TCTI", "tabrmd:bus_type=session");
    environment.put("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + directory.resolve("bus"));
    environment.put("TSS2_LOG", "all+NONE"); // else native code writes to stderr of its own
  }

  /**
   * The one that this JVM's native code can reach: surefire sets its environment to a directory
   * below {@code target}. Ends with the JVM.
   */
  public static synchronized SoftTpm shared() throws IOException, InterruptedException {
    if (shared == null) {
      Path store =
          Optional.ofNullable(System.getenv("TPM2_PKCS11_STORE"))
              .map(Path::of)
              .orElseThrow(() -> new IllegalStateException("surefire sets TPM2_PKCS11_STORE"));
      shared = start(Optional.ofNullable(store.getParent()).orElseThrow());
    }
    return shared;
  }

  /** A new TPM and token in that directory, whose content is deleted first. */
  public static SoftTpm start(Path directory) throws IOException, InterruptedException {
    SoftTpm started = new SoftTpm(directory.toAbsolutePath());
    try {
      started.prepare();
    } catch (IOException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
    return started;
  }

  public Pkcs11Uri uri() {
    return Pkcs11Uri.ofToken(LABEL).withModulePath(module).withPinSource(directory.resolve("pin"));
  }

  /** What must stand in the environment of a process before it loads the module. */
  public Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  /**
   * Ends the TPM and its resource manager as a power cut would; what is not in the TPM's permanent
   * memory is lost. A resource manager that outlives its TPM loads contexts that are no more.
   */
  public void kill() throws IOException {
    kill(tpm);
    kill(resourceManager);
    tpm = null;
    resourceManager = null;
  }

  /** Starts a killed TPM again, with its permanent memory. */
  public void restart() throws IOException, InterruptedException {
    startTpm();
    // TPM 2.0 Part 1, 19.8: a power cut counts as a wrong PIN, and the third locks the TPM
    run("tpm2_dictionarylockout", "-T", tcti(), "--clear-lockout");
    startResourceManager();
  }

  @Override
  public void close() throws IOException {
    kill();
    kill(bus);
  }

  private void prepare() throws IOException, InterruptedException {
    SafeFiles.directory(directory);
    SafeFiles.deleteContents(directory);
    Files.createDirectory(directory.resolve("store"));
    Files.createDirectory(directory.resolve("tpm"));
    startTpm();
    bus =
        daemon(
            "dbus-daemon",
            "--session",
            "--nofork",
            "--nopidfile",
            "--address=unix:path=" + directory.resolve("bus"));
    awaitServer("bus");
    startResourceManager();
    makeToken();
  }

  private void startResourceManager() throws IOException, InterruptedException {
    resourceManager =
        daemon(
            RESOURCE_MANAGER,
            "--session",
            "--allow-root",
            "--max-transients=100",
            "--tcti=" + tcti());
    await("resource manager")
        .atMost(PatientWaiting.PATIENCE)
        .until(() -> exitCode("tpm2_getrandom", "-T", "tabrmd:bus_type=session", "1") == 0);
  }

  private void startTpm() throws IOException {
    Files.deleteIfExists(directory.resolve("sock"));
    Files.deleteIfExists(directory.resolve("sock.ctrl"));
    tpm =
        daemon(
            "swtpm",
            "socket",
            "--tpm2",
            "--tpmstate",
            "dir=" + directory.resolve("tpm"),
            "--server",
            "type=unixio,path=" + directory.resolve("sock"),
            "--ctrl", // the client looks for it beside the other
            "type=unixio,path=" + directory.resolve("sock.ctrl"),
            "--flags",
            "not-need-init,startup-clear");
    awaitServer("sock");
  }

  private void makeToken() throws IOException, InterruptedException {
    String officer = randomPin();
    String pin = randomPin();
    SafeFiles.writeSecret(directory.resolve("pin"), pin);
    environment.put("SO_PIN", officer);
    environment.put("USER_PIN", pin);
    String tool = "pkcs11-tool";
    run(
        tool,
        "--module",
        module.toString(),
        "--init-token",
        "--label",
        LABEL,
        "--so-pin=env:SO_PIN");
    run(
        tool,
        "--module",
        module.toString(),
        "--login",
        "--login-type=so",
        "--so-pin=env:SO_PIN",
        "--token-label",
        LABEL,
        "--init-pin",
        "--new-pin=env:USER_PIN");
    environment.remove("SO_PIN");
    environment.remove("USER_PIN");
  }

  private static String randomPin() {
    return new BigInteger(128, new SecureRandom()).toString(36);
  }

  private String tcti() {
    return "swtpm:path=" + directory.resolve("sock");
  }

  private Daemon daemon(String... command) throws IOException {
    return Daemon.start(environment, directory.resolve("log"), command);
  }

  private static void kill(@Nullable Daemon daemon) throws IOException {
    if (daemon != null) {
      daemon.kill();
    }
  }

  private void awaitServer(String socket) {
    Path path = directory.resolve(socket);
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length + ".ctrl".length();
    if (length > SOCKET_PATH_LENGTH) {
      throw new IllegalStateException(path + " is too long for a socket; use a shorter directory");
    }
    await("server at " + path)
        .atMost(PatientWaiting.PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                return channel.connect(UnixDomainSocketAddress.of(path));
              }
            });
  }

  private void run(String... command) throws IOException, InterruptedException {
    int code = exitCode(command);
    if (code != 0) {
      String log = Files.readString(directory.resolve("log"));
      throw new IllegalStateException(List.of(command) + " ended with " + code + ": " + log);
    }
  }

  private int exitCode(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(PatientWaiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  private static Path module() {
    try (Stream<Path> architectures = Files.list(Path.of("/usr/lib"))) {
      return architectures
          .map(architecture -> architecture.resolve("libtpm2_pkcs11.so.1"))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException("libtpm2_pkcs11.so.1 is missing; ./guardbee test"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
