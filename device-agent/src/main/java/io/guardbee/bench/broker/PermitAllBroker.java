package io.guardbee.bench.broker;

import io.guardbee.bench.measure.FreePort;
import io.guardbee.files.CredentialFiles;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.Credential;
import io.guardbee.pki.NativeCrypto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;

/**
 * A second HiveMQ beside that of a running {@code up}: the same program, listener settings and key,
 * with a permit-all extension in the place of Guardbee's extension.
 */
public final class PermitAllBroker implements AutoCloseable {

  /** Only the broker can load it: the extension SDK is part of the broker. */
  private static final String PERMIT_ALL = "io.guardbee.bench.permitall.PermitAll";

  private static final Pattern PASSWORD = Pattern.compile("<password>([^<]+)</password>");

  private final BrokerProcess process;
  private final Contender contender;

  private PermitAllBroker(BrokerProcess process, Contender contender) {
    this.process = process;
    this.contender = contender;
  }

  public Contender contender() {
    return contender;
  }

  public URI address() {
    return contender.address();
  }

  /** With the same Java, flags and cryptography. */
  public static PermitAllBroker start(RunningUp up) throws IOException, InterruptedException {
    GuardedBroker guarded = GuardedBroker.of(up);
    List<String> command = new ArrayList<>(List.of(guarded.java().toString()));
    command.addAll(guarded.flags());
    return start(up, guarded, "permit-all", command);
  }

  /** As it comes: on that Java and with nothing but Java's own cryptography. */
  public static PermitAllBroker stock(RunningUp up, Path javaHome)
      throws IOException, InterruptedException {
    GuardedBroker guarded = GuardedBroker.of(up);
    List<String> command = new ArrayList<>(List.of(javaHome.resolve("bin/java").toString()));
    // flags that only later versions know stay out
    guarded.flags().stream().filter(flag -> !flag.startsWith("--")).forEach(command::add);
    command.add("-Dguardbee.bench.crypto=java");
    return start(up, guarded, "stock", command);
  }

  private static PermitAllBroker start(
      RunningUp up, GuardedBroker guarded, String name, List<String> command)
      throws IOException, InterruptedException {
    Path own = Files.createDirectories(up.guardbee().home().resolve(name));
    int port = furnish(guarded.home(), own, up.endpoints().mqtts().getPort());
    writeExtension(Files.createDirectories(own.resolve("extensions/permit-all")));
    command.add("-Dhivemq.home=" + own);
    command.add("com.hivemq.HiveMQServer");
    Path log = own.resolve("log/hivemq.log");
    BrokerProcess process =
        BrokerProcess.start(
            command,
            own,
            () -> Files.exists(log) && Files.readString(log).contains("Started HiveMQ in"));
    return new PermitAllBroker(process, process.contender(name, port));
  }

  /** The listener's configuration and stores, on another port. */
  private static int furnish(Path guarded, Path own, int guardedPort) throws IOException {
    Path conf = Files.createDirectories(own.resolve("conf"));
    for (String name : List.of("trust.p12", "logback.xml")) {
      Files.copy(guarded.resolve("conf").resolve(name), conf.resolve(name));
    }
    int port = FreePort.choose();
    String config =
        Files.readString(guarded.resolve("conf/config.xml"))
            .replace("<port>" + guardedPort + "</port>", "<port>" + port + "</port>");
    Files.writeString(conf.resolve("config.xml"), config);
    writeKeyStore(conf, CredentialFiles.beside(guarded.resolve("conf/broker.pem")).read(), config);
    return port;
  }

  /** The node's own key: the store beside Guardbee's extension holds one that is never used. */
  private static void writeKeyStore(Path conf, Credential own, String config) throws IOException {
    Matcher found = PASSWORD.matcher(config);
    if (!found.find()) {
      throw new IOException("config.xml names no password of its key store");
    }
    char[] password = found.group(1).toCharArray();
    try (OutputStream file = Files.newOutputStream(conf.resolve("listener.p12"))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "listener", own.key(), password, own.chain().toArray(new X509Certificate[0]));
      store.store(file, password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PKCS#12", e);
    }
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

  @Override
  public void close() {
    process.close();
  }
}
