package io.guardbee.service.installation;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ServerRole;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.schedule.PeriodicTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS server's key in its module and its certificate in {@code ca/https.pem}. While the
 * service runs, the certificate is renewed in the last third of its life, and a changed {@code
 * tls.key} or certificate file is taken over; connections stay. Whatever fails then is logged, and
 * what is in force stays in force.
 */
public final class HttpsCertificate implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpsCertificate.class);
  private static final PeriodicTask.Settings SETTINGS =
      new PeriodicTask.Settings(
          "https-certificate", Duration.ofSeconds(5), "HTTPS keeps its key and certificate");

  /** What the operator may change, as it was when it was last taken over. */
  private record Seen(String tlsKey, @Nullable String pem) {}

  private final InstallationCertificates own;
  private final HttpsKeys keys;
  private final Home home;
  private final Path file;
  private @Nullable PeriodicTask task;
  private @Nullable OneKey inForce;
  private @Nullable Seen seen;

  HttpsCertificate(InstallationCertificates own, HttpsKeys keys, Home home) {
    this.own = own;
    this.keys = keys;
    this.home = home;
    this.file = home.ca().resolve("https.pem");
  }

  void open(String tlsKey) throws IOException {
    takeOver(tlsKey);
    task = PeriodicTask.start(SETTINGS, this::check);
  }

  /** What the server presents, now and later. */
  public OneKey key() {
    return Objects.requireNonNull(inForce, "opened");
  }

  private void check() throws IOException {
    Seen now = look(ConfigFile.reload(home).tls().key());
    if (!now.equals(seen) || !isGood(key().certificate())) {
      takeOver(now.tlsKey());
    }
  }

  private Seen look(String tlsKey) throws IOException {
    return new Seen(tlsKey, Files.exists(file) ? Files.readString(file) : null);
  }

  private void takeOver(String tlsKey) throws IOException {
    TokenKey key = keys.named(tlsKey);
    List<X509Certificate> chain = chain(key);
    if (inForce == null) {
      inForce = new OneKey(key.privateKey(), chain);
    } else {
      inForce.replace(key.privateKey(), chain);
    }
    seen = look(tlsKey);
    X509Certificate leaf = chain.get(0);
    LOG.info(
        "HTTPS presents key {} with certificate {} until {}",
        Quoted.of(key.label()),
        Serial.of(leaf),
        leaf.getNotAfter().toInstant());
    if (!ServerRole.SERVICE.isOf(leaf)) {
      LOG.warn(
          "{} is not a certificate of this service's own: foreign clients may believe it, but"
              + " Guardbee's agents, brokers and commands do not; delete it to have one issued",
          file);
    }
  }

  private List<X509Certificate> chain(TokenKey key) throws IOException {
    if (Files.exists(file)) {
      List<X509Certificate> there = Pem.readCertificates(file);
      boolean fits = there.get(0).getPublicKey().equals(key.publicKey());
      if (fits && isGood(there.get(0))) {
        return there;
      }
      if (!fits && !InstallationCertificates.isOwnHttps(there.get(0))) {
        throw misfit(key);
      }
    }
    List<X509Certificate> issued = own.issueHttps(key);
    SafeFiles.writePublic(file, Pem.certificates(issued));
    return issued;
  }

  /** Another authority's certificate is the operator's to renew: it is good until its end. */
  private boolean isGood(X509Certificate leaf) {
    return InstallationCertificates.isOwnHttps(leaf)
        ? ServerRole.SERVICE.isOf(leaf) && own.isGoodForServer(leaf)
        : own.now().isBefore(leaf.getNotAfter().toInstant());
  }

  private RefusedException misfit(TokenKey key) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        file + " is not for key " + Quoted.of(key.label()) + ", which tls.key names",
        "put the certificate of that key there, or delete the file to have one issued");
  }

  @Override
  public void close() {
    if (task != null) {
      task.close(); // a module that is in use must not be closed
    }
    keys.close();
  }
}
