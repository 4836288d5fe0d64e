package io.guardbee.broker;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestRecords;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/**
 * A root with its two authorities and their ceremony records, and the files of a home that the
 * service makes of them.
 */
record Pki(TestCa root, TestCa issuing, TestCa operations, TestRecords records) {

  static {
    // Paho's receiver may stumble over its own closing, in its own thread
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  private static final char[] PASSWORD = "test".toCharArray();

  static Pki make() {
    TestCa root = TestCa.root();
    TestCa issuing = root.authority("issuing");
    TestCa operations = root.operations();
    TestRecords records =
        new TestRecords(root).certify("issuing", issuing).certify("operations", operations);
    return new Pki(root, issuing, operations, records);
  }

  /** Writes what {@code service run} leaves for the broker. */
  void writeHome(Path home) throws IOException {
    TestCa broker = identity("broker-1");
    Files.createDirectories(home.resolve("ca"));
    Files.createDirectories(home.resolve("broker/conf"));
    Files.writeString(home.resolve("ca/root.pem"), Pem.certificate(root.certificate()));
    Files.writeString(home.resolve("ca/issuing.pem"), Pem.certificate(issuing.certificate()));
    Files.writeString(home.resolve("broker/conf/broker.pem"), Pem.certificates(broker.chain()));
    Files.writeString(home.resolve("broker/conf/broker.key"), Pem.privateKey(broker.key()));
    // as an earlier run has left it: most tests are not about how a broker gets its first one
    TestCa listener = operations.listener("CN=broker-1,OU=broker,O=Acme");
    SafeFiles.writeSecret(
        listener(home), Pem.privateKey(listener.key()) + Pem.certificates(listener.chain()));
  }

  /** Where a broker keeps what its listeners present. */
  static Path listener(Path home) {
    return home.resolve("broker/data/guardbee/listener.key");
  }

  /** For configurations whose key is in a file. */
  static NodeIdentity identityInFiles(BrokerConfig config) {
    return new NodeIdentity(
        config,
        uri -> {
          throw new AssertionError(uri);
        });
  }

  /** What a broker is towards the service, with the names of its listeners. */
  TestCa identity(String node) {
    return TestCa.draft("CN=" + node + ",OU=broker,O=Acme")
        .purpose(KeyPurposeId.id_kp_clientAuth)
        .localhost()
        .signedBy(operations);
  }

  /** A TLS context that presents that certificate and trusts the root given. */
  SSLContext context(TestCa own, TestCa trusted) {
    try {
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own.keyStore(PASSWORD), PASSWORD);
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("root", trusted.certificate());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(anchors);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  SSLContext context(TestCa own) {
    return context(own, root);
  }

  /** A client that shows its certificate even when its issuer is not one that the server names. */
  SSLContext insistentContext(TestCa own) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("root", root.certificate());
      trust.init(anchors);
      context.init(
          new javax.net.ssl.KeyManager[] {new Insistent(own)}, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Always the same certificate. */
  private static final class Insistent extends X509ExtendedKeyManager {

    private final TestCa own;

    Insistent(TestCa own) {
      this.own = own;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return "own";
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return own.chain().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return own.key();
    }
  }

  /** The same names and dates as Guardbee issues, for a profile. */
  TestCa device(String id, String profile) {
    return issuing.client("CN=" + id + ",OU=" + profile + ",O=Acme");
  }

  static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }
}
