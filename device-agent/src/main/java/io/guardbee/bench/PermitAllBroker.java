package io.guardbee.bench;

import io.guardbee.launch.Endpoints;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * A second broker beside that of a running {@code up}: the same program, the same Java flags, the
 * same listener settings and key, with a permit-all extension in the place of Guardbee's extension.
 */
final class PermitAllBroker implements AutoCloseable {

  /** Only the broker can load it: the extension SDK is part of the broker. */
  private static final String PERMIT_ALL = "io.guardbee.bench.permitall.PermitAll";

  private static final String BROKER_MAIN = "io.guardbee.broker.run.Main";
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 20;

  private final Process process;
  private final URI address;

  private PermitAllBroker(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  URI address() {
    return address;
  }

  static PermitAllBroker start(RunningUp up) throws IOException, InterruptedException {
    Path guarded = up.guardbee().home().resolve("broker");
    Path own = Files.createDirectories(up.guardbee().home().resolve("permit-all"));
    int port = furnish(guarded, own, up.endpoints());
    writeExtension(Files.createDirectories(own.resolve("extensions/permit-all")));
    List<String> command = commandOf(up);
    command.add("-Dhivemq.home=" + own);
    command.add("com.hivemq.HiveMQServer");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(own.resolve("out.log").toFile())
            .start();
    PermitAllBroker broker = new PermitAllBroker(process, URI.create("ssl://localhost:" + port));
    broker.awaitStart(own.resolve("log/hivemq.log"));
    return broker;
  }

  /** The listener's configuration and stores, on another port. */
  private static int furnish(Path guarded, Path own, Endpoints endpoints) throws IOException {
    Path conf = Files.createDirectories(own.resolve("conf"));
    for (String name : List.of("listener.p12", "trust.p12", "logback.xml")) {
      Files.copy(guarded.resolve("conf").resolve(name), conf.resolve(name));
    }
    int port = FreePort.choose();
    String config =
        Files.readString(guarded.resolve("conf/config.xml"))
            .replace(
                "<port>" + endpoints.mqtts().getPort() + "</port>", "<port>" + port + "</port>");
    Files.writeString(conf.resolve("config.xml"), config);
    return port;
  }

  /** As HiveMQ takes an extension: a folder with a descriptor and jars. */
  private static void writeExtension(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("hivemq-extension.xml"),
        """
        <hivemq-extension>
          <id>permit-all</id><name>Permit all</name><version>1</version>
        </hivemq-extension>
        """);
    try (OutputStream file = Files.newOutputStream(folder.resolve("permit-all.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      add(jar, PERMIT_ALL);
      add(jar, NativeCrypto.class.getName());
      jar.putNextEntry(
          new ZipEntry("META-INF/services/com.hivemq.extension.sdk.api.ExtensionMain"));
      jar.write(PERMIT_ALL.getBytes(StandardCharsets.UTF_8));
    }
    Path crypto = jarOf("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider");
    Files.copy(crypto, folder.resolve("native-crypto.jar"));
  }

  private static void add(JarOutputStream jar, String type) throws IOException {
    String name = type.replace('.', '/') + ".class";
    try (InputStream bytes = PermitAllBroker.class.getResourceAsStream("/" + name)) {
      if (bytes == null) {
        throw new IOException(type + " is not on the class path");
      }
      jar.putNextEntry(new ZipEntry(name));
      bytes.transferTo(jar);
    }
  }

  private static Path jarOf(String type) throws IOException {
    try {
      return Path.of(
          Class.forName(type).getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (ClassNotFoundException | java.net.URISyntaxException e) {
      throw new IOException(type + " is not on the class path", e);
    }
  }

  /** Java, its flags and the class path of the running broker. */
  private static List<String> commandOf(RunningUp up) {
    ProcessHandle broker =
        up.process()
            .descendants()
            .filter(child -> arguments(child).contains(BROKER_MAIN))
            .findFirst()
            .orElseThrow(() -> failed("the broker of guardbee up is not to be found"));
    List<String> command = new ArrayList<>(List.of(broker.info().command().orElseThrow()));
    List<String> arguments = arguments(broker);
    command.addAll(arguments.subList(0, arguments.indexOf(BROKER_MAIN)));
    return command;
  }

  private static List<String> arguments(ProcessHandle process) {
    return process.info().arguments().map(List::of).orElse(List.of());
  }

  private void awaitStart(Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!(Files.exists(log) && Files.readString(log).contains("Started HiveMQ in"))) {
      boolean ended = process.waitFor(200, TimeUnit.MILLISECONDS);
      if (ended || System.nanoTime() > deadline) {
        close();
        throw failed("it did not start; see " + log);
      }
    }
  }

  private static RefusedException failed(String why) {
    return new RefusedException(
        Reason.SERVICE_UNREACHABLE,
        "the permit-all broker that the benchmark compares with: " + why,
        "start this command by the launcher: ./guardbee bench road");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
