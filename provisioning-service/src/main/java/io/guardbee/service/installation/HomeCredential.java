package io.guardbee.service.installation;

import io.guardbee.files.CredentialFiles;
import io.guardbee.files.SafeFiles;
import io.guardbee.operator.OperatorStore;
import io.guardbee.pki.Credential;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.service.config.Home;
import io.guardbee.service.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's or the broker's key and certificate in the home. One that is revoked while the
 * service runs stays so until the next start: the operator who revoked it wants it out, and a user
 * who can start the service on its home has the authorities anyway.
 */
final class HomeCredential {

  private static final Logger LOG = LoggerFactory.getLogger(HomeCredential.class);

  private static final Duration BACKDATED = Duration.ofHours(1);
  private static final int LAST_THIRD = 3;

  /** A broker renews by itself in the last third: this is for one that is not running. */
  private static final int LAST_SIXTH = 6;

  /** With a key in a token, which only its holder can open, until the end. */
  private static final int NONE = Integer.MAX_VALUE;

  private final InstallationCertificates own;
  private final CredentialFiles files;
  private final Path keyStore;
  private final Profile profile;
  private final Set<String> names;
  private final boolean isOperator;

  private HomeCredential(
      InstallationCertificates own, Path directory, Profile profile, Set<String> names) {
    this.own = own;
    String name = profile.name();
    this.files =
        new CredentialFiles(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
    this.keyStore = OperatorStore.beside(files.certificate());
    this.profile = profile;
    this.names = names;
    this.isOperator = names.isEmpty();
  }

  static HomeCredential operator(InstallationCertificates own, Home home, Profile profile)
      throws IOException {
    SafeFiles.directory(home.operator());
    return new HomeCredential(own, home.operator(), profile, Set.of());
  }

  static HomeCredential broker(InstallationCertificates own, Home home, Profile profile) {
    return new HomeCredential(own, home.broker().resolve("conf"), profile, own.serverNames());
  }

  /** Makes it where it is missing, ends soon, is revoked, or is not as the profile says. */
  void provide() throws IOException {
    Optional<X509Certificate> leaf = present();
    boolean inToken = files.keyUri().isPresent();
    boolean good =
        leaf.isPresent()
            && own.roles().isInForce(Serial.of(leaf.get()))
            && own.isGood(leaf.get(), inToken ? NONE : LAST_THIRD)
            && (inToken || fitsProfile(leaf.get()))
            && (inToken || !isOperator || Files.exists(keyStore));
    if (!good) {
      replace(leaf);
    }
  }

  /** Replaces it while the service runs, before it ends. */
  void renew() throws IOException {
    Optional<X509Certificate> leaf = present();
    if (leaf.isPresent()
        && files.keyUri().isEmpty()
        && !own.isGood(leaf.get(), isOperator ? LAST_THIRD : LAST_SIXTH)
        && !own.roles().isRevoked(Serial.of(leaf.get()))) {
      replace(leaf);
    }
  }

  /** Its certificate, when there is one and its key. */
  private Optional<X509Certificate> present() throws IOException {
    boolean inToken = files.keyUri().isPresent() && Files.exists(files.certificate());
    if (!inToken && !files.exist()) {
      return Optional.empty();
    }
    try {
      return inToken
          ? Optional.of(Pem.readCertificates(files.certificate()).get(0))
          : Optional.of(files.read().leaf());
    } catch (RefusedException e) {
      LOG.warn("{}", e.line());
      return Optional.empty();
    }
  }

  private boolean fitsProfile(X509Certificate leaf) {
    try {
      Duration life =
          Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
      return life.compareTo(profile.validity().plus(BACKDATED)) <= 0
          && List.of(TrustedIssuers.CLIENT_AUTH).equals(leaf.getExtendedKeyUsage())
          && InstallationCertificates.names(leaf).equals(names);
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private void replace(Optional<X509Certificate> before) throws IOException {
    if (files.keyUri().isPresent()) {
      LOG.warn(
          "the key in token {} has no good certificate any more: a key in {} takes its place",
          files.keyUri().get(),
          files.key());
    }
    KeyPair key = NewKey.p256();
    Credential made = new Credential(key.getPrivate(), own.issue(key, name(), profile, names));
    files.write(made);
    if (isOperator) {
      SafeFiles.writeSecret(keyStore, OperatorStore.pkcs12(made));
    }
    before.ifPresent(leaf -> own.roles().supersede(Serial.of(leaf)));
    LOG.info(
        "{} is certificate {} until {}",
        files.certificate(),
        Serial.of(made.leaf()),
        made.leaf().getNotAfter().toInstant());
  }

  /** Nodes of one service need different names; a broker keeps the one that it has. */
  private String name() throws IOException {
    if (isOperator) {
      return profile.name();
    }
    return Files.exists(files.certificate())
        ? Subject.of(Pem.readCertificates(files.certificate()).get(0).getSubjectX500Principal())
            .values("CN")
            .get(0)
        : "broker-" + UUID.randomUUID().toString().substring(0, 8);
  }
}
