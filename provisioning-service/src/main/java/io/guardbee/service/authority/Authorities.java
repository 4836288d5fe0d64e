package io.guardbee.service.authority;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Root, issuing CA and operations CA: keys in the token, certificates in {@code ca/}. The root
 * signs only the other two. Immutable once opened.
 */
public final class Authorities {

  private final X509Certificate root;
  private final Map<String, Authority> byRole;

  private Authorities(X509Certificate root, Authority issuing, Authority operations) {
    this.root = root;
    this.byRole = Map.of(issuing.role(), issuing, operations.role(), operations);
  }

  /**
   * Opens the authorities of that directory; what is missing is made. Each step leaves a file
   * behind that the next start finds, so a first start may be cut off anywhere and continues.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when a certificate is there but its key is
   *     not in the token
   */
  public static Authorities open(
      Token token, Path directory, String organization, SecureRandom random, Clock clock)
      throws IOException {
    AuthorityDraft draft = new AuthorityDraft(organization, random, clock);
    TokenKey rootKey = key(token, "root-ca", directory.resolve("root.pem"));
    X509Certificate root =
        readOrMake(directory.resolve("root.pem"), rootKey, () -> draft.root(rootKey));
    Authority rootAuthority = new Authority("root", root, rootKey.privateKey());
    Authority issuing = below(rootAuthority, Identity.ISSUING, token, directory, draft);
    Authority operations = below(rootAuthority, Identity.OPERATIONS, token, directory, draft);
    Path chain = directory.resolve("chain.pem");
    if (!Files.exists(chain)) {
      SafeFiles.writePublic(
          chain, Pem.certificates(List.of(issuing.certificate(), operations.certificate(), root)));
    }
    return new Authorities(root, issuing, operations);
  }

  private static Authority below(
      Authority root, String role, Token token, Path directory, AuthorityDraft draft)
      throws IOException {
    Path file = directory.resolve(role + ".pem");
    TokenKey key = key(token, role + "-ca", file);
    X509Certificate certificate = readOrMake(file, key, () -> draft.below(root, role, key));
    return new Authority(role, certificate, key.privateKey());
  }

  private static TokenKey key(Token token, String label, Path certificate) {
    return token
        .find(label)
        .orElseGet(
            () -> {
              if (Files.exists(certificate)) {
                throw new RefusedException(
                    Reason.KEY_MISSING,
                    certificate + " is there, but the token holds no key " + label,
                    "restore the token (hsm/ in the home), or point hsm.uri at the right one");
              }
              return token.generate(label, KeyType.EC_P256);
            });
  }

  private interface Maker {
    X509Certificate make();
  }

  private static X509Certificate readOrMake(Path file, TokenKey key, Maker maker)
      throws IOException {
    if (!Files.exists(file)) {
      SafeFiles.writePublic(file, Pem.certificate(maker.make()));
    }
    X509Certificate certificate = Pem.readCertificates(file).get(0);
    if (!certificate.getPublicKey().equals(key.publicKey())) {
      throw new RefusedException(
          Reason.KEY_MISSING,
          file + " does not belong to key " + key.label() + " in the token",
          "restore the token and ca/ from the same backup");
    }
    return certificate;
  }

  public X509Certificate root() {
    return root;
  }

  /** The authority that signs certificates of that role. */
  public Authority byRole(String role) {
    Authority authority = byRole.get(role);
    if (authority == null) {
      throw new IllegalArgumentException(role);
    }
    return authority;
  }

  /** Root first, then the others: what EST's cacerts tells. */
  public List<X509Certificate> certificates() {
    return List.of(
        root, byRole(Identity.ISSUING).certificate(), byRole(Identity.OPERATIONS).certificate());
  }

  /** Whose client certificates the API believes. */
  public TrustedIssuers trusted() {
    return new TrustedIssuers(
        Map.of(
            Identity.ISSUING, List.of(byRole(Identity.ISSUING).certificate()),
            Identity.OPERATIONS, List.of(byRole(Identity.OPERATIONS).certificate())));
  }
}
