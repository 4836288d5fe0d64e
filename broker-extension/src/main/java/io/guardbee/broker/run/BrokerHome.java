package io.guardbee.broker.run;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/** A HiveMQ home in {@code <home>/broker}, made anew at each start but for what it keeps. */
final class BrokerHome {

  private static final int PASSWORD_OCTETS = 24;

  private final Path home;
  private final Path folder;
  private final SecureRandom random;

  BrokerHome(Path home, SecureRandom random) {
    this.home = home;
    this.folder = home.resolve("broker");
    this.random = random;
  }

  Path folder() {
    return folder;
  }

  /** What its listeners accept; the configuration is there once it is prepared. */
  BrokerConfig.Connections connections() {
    return BrokerConfig.read(extension(), System.getProperties()).connections();
  }

  private Path extension() {
    return folder.resolve("extensions/guardbee");
  }

  Path log() {
    return folder.resolve("log/hivemq.log");
  }

  /**
   * Writes what HiveMQ reads.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when the service has not made this home yet
   */
  void prepare(Listener listener, ExtensionZip zip) throws IOException {
    for (Path needed : List.of(certificate(), root(), issuing())) {
      if (!Files.isReadable(needed)) {
        throw new RefusedException(
            Reason.KEY_MISSING,
            "no readable " + needed,
            "run guardbee up, or guardbee service run --home " + home + ", first");
      }
    }
    byte[] octets = new byte[PASSWORD_OCTETS];
    random.nextBytes(octets);
    String password = HexFormat.of().formatHex(octets);
    try {
      writeStores(password.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "no key store from " + certificate() + " and " + issuing() + ": " + e.getMessage(),
          "restore both from a backup of the home");
    }
    String config =
        resource("config.xml")
            .replace("@WSS@", listener.wss() == null ? "" : resource("wss-listener.xml"))
            .replace("@WSS-PORT@", String.valueOf(listener.wss()))
            .replace("@TLS@", resource("listener-tls.xml"))
            .replace("@PORT@", Integer.toString(listener.port()))
            .replace("@BIND@", listener.bind())
            .replace("@PASSWORD@", password);
    write("config.xml", config.getBytes(StandardCharsets.UTF_8));
    write("logback.xml", resource("logback.xml").getBytes(StandardCharsets.UTF_8));
    Path extension = extension();
    Path settings = extension.resolve("conf/guardbee.yaml");
    if (!Files.exists(settings)) {
      Files.createDirectories(settings.resolveSibling("."));
      Files.writeString(settings, resource("guardbee.yaml").replace("@NODE@", node()));
    }
    zip.unpackTo(extension);
  }

  /** The service hears only those that go by the name in their certificate. */
  private String node() throws IOException {
    return Subject.of(Pem.readCertificates(certificate()).get(0).getSubjectX500Principal())
        .values("CN")
        .get(0);
  }

  private Path certificate() {
    return folder.resolve("conf/broker.pem");
  }

  private Path root() {
    return home.resolve("ca/root.pem");
  }

  private Path issuing() {
    return home.resolve("ca/issuing.pem");
  }

  private void writeStores(char[] password) throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = Pem.readCertificates(certificate());
    // HiveMQ wants one; the extension presents another, and this one would fail each handshake
    PrivateKey unused = NewKey.p256().getPrivate();
    KeyStore own = empty();
    own.setKeyEntry("listener", unused, password, chain.toArray(new X509Certificate[0]));
    write("listener.p12", bytes(own, password));
    KeyStore trust = empty();
    for (X509Certificate authority : Pem.readCertificates(issuing())) {
      trust.setCertificateEntry("issuing-" + trust.size(), authority);
    }
    write("trust.p12", bytes(trust, password));
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static byte[] bytes(KeyStore store, char[] password)
      throws IOException, GeneralSecurityException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.store(bytes, password);
    return bytes.toByteArray();
  }

  private void write(String name, byte[] bytes) throws IOException {
    SafeFiles.writeSecret(folder.resolve("conf").resolve(name), bytes);
  }

  /** A text of the distribution; the paths in it are relative, so that a home may move. */
  private static String resource(String name) throws IOException {
    try (java.io.InputStream stream = BrokerHome.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("resource " + name + " is missing from the program");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
