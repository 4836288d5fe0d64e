package io.guardbee.service.installation;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Subject;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.config.Home;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.InstallationProfiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Certificates for HTTPS (key in the token), the operator and the broker (keys in files of the
 * home). Each is issued like any other, at first start and again at a start in the last third of
 * its life, or when its authority is believed no more; the one for HTTPS also while the service
 * runs.
 */
public final class InstallationCertificates {

  /** Only a formality of the format: the .p12 is as secret as the .key file beside it (0600). */
  private static final char[] PKCS12_PASSWORD = "guardbee".toCharArray();

  private static final String HTTPS_NAME = "localhost";
  private static final String HTTPS_PROFILE = "server";

  private final Issuance issuance;
  private final InstallationProfiles profiles;
  private final List<X509Certificate> operations;
  private final Home home;
  private final Set<String> serverNames;
  private final Clock clock;

  /**
   * @param serverNames DNS names and addresses that servers are reached at
   */
  public InstallationCertificates(
      Issuance issuance,
      InstallationProfiles profiles,
      Authorities authorities,
      Home home,
      Set<String> serverNames,
      Clock clock) {
    this.issuance = issuance;
    this.profiles = profiles;
    this.operations = authorities.believed(Identity.OPERATIONS);
    this.home = home;
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
    HttpsCertificate https = new HttpsCertificate(this, new HttpsKeys(caToken), home);
    try {
      https.open(tlsKey);
      return https;
    } catch (IOException | RuntimeException e) {
      https.close();
      throw e;
    }
  }

  /** A new certificate for the HTTPS server, and the authority that signed it. */
  List<X509Certificate> issueHttps(TokenKey key) {
    X509Certificate leaf =
        issuance.forInstallation(
            new KeyPair(key.publicKey(), key.privateKey()),
            HTTPS_NAME,
            profiles.https(),
            List.copyOf(serverNames));
    return chain(leaf);
  }

  /** Whether it is one that {@link #issueHttps} made: told by its subject, which no CA changes. */
  static boolean isOwnHttps(X509Certificate leaf) {
    Subject subject = Subject.of(leaf.getSubjectX500Principal());
    return subject.values("CN").equals(List.of(HTTPS_NAME))
        && subject.values("OU").equals(List.of(HTTPS_PROFILE));
  }

  Instant now() {
    return clock.instant();
  }

  /** Makes {@code operator/operator.pem}, {@code .key} and {@code .p12} where they are missing. */
  public void operator() throws IOException {
    SafeFiles.directory(home.operator());
    Path pem = home.operator().resolve("operator.pem");
    if (isGood(pem) && Files.exists(home.operator().resolve("operator.p12"))) {
      return;
    }
    KeyPair key = newKey();
    X509Certificate leaf =
        issuance.forInstallation(key, "operator", profiles.operator(), List.of());
    List<X509Certificate> chain = chain(leaf);
    SafeFiles.writeSecret(home.operator().resolve("operator.key"), pemBytes(key));
    SafeFiles.writePublic(pem, Pem.certificates(chain));
    SafeFiles.writeSecret(home.operator().resolve("operator.p12"), pkcs12(key, chain));
  }

  /** Makes {@code broker/conf/broker.pem} and {@code .key} where they are missing. */
  public void broker() throws IOException {
    Path directory = home.broker().resolve("conf");
    Path pem = directory.resolve("broker.pem");
    if (isGoodForServer(pem)) {
      return;
    }
    KeyPair key = newKey();
    X509Certificate leaf =
        issuance.forInstallation(key, brokerName(pem), profiles.broker(), List.copyOf(serverNames));
    SafeFiles.writeSecret(directory.resolve("broker.key"), pemBytes(key));
    SafeFiles.writePublic(pem, Pem.certificates(chain(leaf)));
  }

  /** Nodes of one service need different names; a broker keeps the one that it has. */
  private static String brokerName(Path pem) throws IOException {
    return Files.exists(pem)
        ? Subject.of(Pem.readCertificates(pem).get(0).getSubjectX500Principal()).values("CN").get(0)
        : "broker-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private boolean isGood(Path pem) throws IOException {
    if (!Files.exists(pem)) {
      return false;
    }
    return isGood(Pem.readCertificates(pem).get(0));
  }

  /** Not in the last third of its life, and from an authority that is believed. */
  boolean isGood(X509Certificate leaf) {
    if (operations.stream().noneMatch(authority -> isIssuedBy(leaf, authority))) {
      return false;
    }
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Instant renewal = until.minus(Duration.between(from, until).dividedBy(3));
    return clock.instant().isBefore(renewal);
  }

  /** A new one: its authority is the one that signs now. */
  private List<X509Certificate> chain(X509Certificate leaf) {
    return List.of(leaf, operations.get(0));
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
  private boolean isGoodForServer(Path pem) throws IOException {
    return Files.exists(pem) && isGoodForServer(Pem.readCertificates(pem).get(0));
  }

  boolean isGoodForServer(X509Certificate leaf) {
    if (!isGood(leaf)) {
      return false;
    }
    try {
      var names = leaf.getSubjectAlternativeNames();
      Set<String> there = new TreeSet<>();
      if (names != null) {
        names.forEach(name -> there.add(String.valueOf(name.get(1))));
      }
      return there.equals(serverNames);
    } catch (GeneralSecurityException e) {
      return false; // unreadable: issue it anew
    }
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static byte[] pemBytes(KeyPair key) {
    return Pem.privateKey(key.getPrivate()).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] pkcs12(KeyPair key, List<X509Certificate> chain) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "operator", key.getPrivate(), PKCS12_PASSWORD, chain.toArray(new X509Certificate[0]));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      store.store(bytes, PKCS12_PASSWORD);
      return bytes.toByteArray();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PKCS#12", e);
    }
  }
}
