package io.guardbee.service.installation;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Identity;
import io.guardbee.pki.ServerRole;
import io.guardbee.pki.Subject;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.config.Home;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.role.RoleCertificates;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Certificates for HTTPS (key in the token), the operator and the broker (keys in files of the
 * home). Each is issued like any other, at first start and again in the last third of its life, or
 * when its authority is believed no more.
 */
public final class InstallationCertificates {

  /** The CN of earlier versions. */
  private static final String FORMER_NAME = "localhost";

  private final Parts parts;
  private final List<X509Certificate> operations;
  private final Set<String> serverNames;
  private final Clock clock;

  /** What it works with. */
  public record Parts(
      Issuance issuance,
      InstallationProfiles profiles,
      Authorities authorities,
      RoleCertificates roles,
      Home home) {}

  /**
   * @param serverNames DNS names and addresses that servers are reached at
   */
  public InstallationCertificates(Parts parts, Set<String> serverNames, Clock clock) {
    this.parts = parts;
    this.operations = parts.authorities().believed(Identity.OPERATIONS);
    this.serverNames = new TreeSet<>(serverNames);
    this.clock = clock;
  }

  /**
   * The HTTPS server's key and certificate, kept good from now on.
   *
   * @param caToken holds the key when {@code tlsKey} is blank
   * @param tlsKey as {@code tls.key} in {@code config.yaml}
   */
  public HttpsCertificate https(Token caToken, String tlsKey) throws IOException {
    HttpsCertificate https =
        new HttpsCertificate(this, new HttpsKeys(caToken, parts.home().directory()), parts.home());
    try {
      https.open(tlsKey);
      return https;
    } catch (IOException | RuntimeException e) {
      https.close();
      throw e;
    }
  }

  /** The operator's and the broker's files in the home, made where needed and kept good. */
  public HomeCredentials home() throws IOException {
    return HomeCredentials.open(
        List.of(
            HomeCredential.operator(this, parts.home(), parts.profiles().operator()),
            HomeCredential.broker(this, parts.home(), parts.profiles().broker())));
  }

  /** A new certificate for the HTTPS server, and the authority that signed it. */
  List<X509Certificate> issueHttps(TokenKey key) {
    return issue(
        new KeyPair(key.publicKey(), key.privateKey()),
        "https",
        parts.profiles().https(),
        serverNames);
  }

  /** A new one: its authority is the one that signs now. */
  List<X509Certificate> issue(KeyPair key, String name, Profile profile, Set<String> names) {
    X509Certificate leaf = parts.issuance().forInstallation(key, name, profile, List.copyOf(names));
    return List.of(leaf, operations.get(0));
  }

  /** Whether it is one that {@link #issueHttps} made: told by its subject, which no CA changes. */
  static boolean isOwnHttps(X509Certificate leaf) {
    Subject subject = Subject.of(leaf.getSubjectX500Principal());
    List<String> names = subject.values("CN");
    return (names.equals(List.of(ServerRole.SERVICE_NAME)) || names.equals(List.of(FORMER_NAME)))
        && subject.values("OU").equals(List.of(ServerRole.SERVICE.unit()));
  }

  Instant now() {
    return clock.instant();
  }

  RoleCertificates roles() {
    return parts.roles();
  }

  Set<String> serverNames() {
    return serverNames;
  }

  /** Not in the last third of its life, and from an authority that is believed. */
  boolean isGood(X509Certificate leaf) {
    return isGood(leaf, 3);
  }

  /**
   * The same with another limit.
   *
   * @param part which part of its life must not have begun: 3 for the last third
   */
  boolean isGood(X509Certificate leaf, int part) {
    if (operations.stream().noneMatch(authority -> isIssuedBy(leaf, authority))) {
      return false;
    }
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Instant renewal = until.minus(Duration.between(from, until).dividedBy(part));
    return clock.instant().isBefore(renewal);
  }

  private static boolean isIssuedBy(X509Certificate leaf, X509Certificate authority) {
    try {
      leaf.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // its authority was revoked or has ended
    }
  }

  /** Also for every name that this installation has by now. */
  boolean isGoodForServer(X509Certificate leaf) {
    return isGood(leaf) && names(leaf).equals(serverNames);
  }

  /** The names in the certificate; none when they do not read: then it is issued anew. */
  static Set<String> names(X509Certificate leaf) {
    Set<String> there = new TreeSet<>();
    try {
      var names = leaf.getSubjectAlternativeNames();
      if (names != null) {
        names.forEach(name -> there.add(String.valueOf(name.get(1))));
      }
    } catch (GeneralSecurityException e) {
      there.clear();
    }
    return there;
  }
}
