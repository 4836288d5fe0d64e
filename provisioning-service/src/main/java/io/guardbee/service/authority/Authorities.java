package io.guardbee.service.authority;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.CertificateSignature;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.TrustedIssuers;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Issuing CA and operations CA with their keys in the token, below the root's certificate. The
 * root's key is not here: it signs in ceremonies only, and its token may be away. Immutable once
 * opened.
 */
public final class Authorities {

  private static final Logger LOG = LoggerFactory.getLogger(Authorities.class);

  private final AuthorityFiles files;
  private final Map<String, List<Authority>> byRole = new HashMap<>();

  private Authorities(AuthorityFiles files, Token token) {
    this.files = files;
    for (String role : AuthorityFiles.ROLES) {
      List<Authority> withKey = new ArrayList<>();
      for (X509Certificate certificate : files.all(role)) {
        key(token, certificate)
            .ifPresentOrElse(
                key -> withKey.add(new Authority(role, certificate, key)),
                () -> requireKeyOnlyOfCurrent(token, role, certificate));
      }
      byRole.put(role, List.copyOf(withKey));
    }
  }

  /** A predecessor's key may be destroyed: it only tells of certificates that it signed. */
  private void requireKeyOnlyOfCurrent(Token token, String role, X509Certificate certificate) {
    if (certificate.equals(files.current(role))) {
      throw missing(token, role);
    }
    LOG.warn(
        "the key of the former {} CA {} is not in the token: OCSP cannot tell of its certificates,"
            + " and its list is signed by its successor",
        role,
        Serial.of(certificate));
  }

  /**
   * Opens the authorities of that directory.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when a certificate is missing or its key is
   *     not in the token
   */
  public static Authorities open(Token token, Path directory) throws IOException {
    return new Authorities(AuthorityFiles.read(directory), token);
  }

  /** By the public key: a label may be that of a predecessor, or of another home's authority. */
  private static Optional<PrivateKey> key(Token token, X509Certificate certificate) {
    return token.list().stream()
        .filter(key -> isOf(key, certificate))
        .findFirst()
        .map(TokenKey::privateKey);
  }

  private RefusedException missing(Token token, String role) {
    return new RefusedException(
        Reason.KEY_MISSING,
        AuthorityFiles.file(files.directory(), role)
            + " is there, but token "
            + Quoted.of(token.label())
            + " does not hold its key",
        "restore the token (hsm/ in the home), or point hsm.uri at the right one");
  }

  private static boolean isOf(TokenKey key, X509Certificate certificate) {
    return Arrays.equals(key.publicKey().getEncoded(), certificate.getPublicKey().getEncoded());
  }

  public X509Certificate root() {
    return files.root();
  }

  /** The authority that signs certificates of that role. */
  public Authority byRole(String role) {
    return all(role).get(0);
  }

  /** Those of that role whose keys are here: the one that signs now, then its predecessors. */
  public List<Authority> all(String role) {
    List<Authority> all = byRole.get(role);
    if (all == null) {
      throw new IllegalArgumentException(role);
    }
    return all;
  }

  /** Whose certificates of that role are believed: the authority now, then its predecessors. */
  public List<X509Certificate> believed(String role) {
    return files.all(role);
  }

  /** The role of the authority that has signed that certificate; empty when none of these has. */
  public Optional<String> roleOfSigner(X509Certificate certificate) {
    for (String role : AuthorityFiles.ROLES) {
      if (believed(role).stream()
          .anyMatch(authority -> CertificateSignature.isBy(authority, certificate))) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  /** Root first, then the others: what EST's cacerts tells (RFC 7030 §4.1.3). */
  public List<X509Certificate> certificates() {
    List<X509Certificate> all = new ArrayList<>(List.of(files.root()));
    all.addAll(files.below());
    return all;
  }

  /** Whose client certificates the API believes. */
  public TrustedIssuers trusted() {
    return new TrustedIssuers(files.byRole());
  }
}
