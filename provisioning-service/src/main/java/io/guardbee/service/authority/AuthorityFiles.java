package io.guardbee.service.authority;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The certificates in {@code ca/}. A role's file holds the current authority first, then those
 * before it whose certificates are still believed.
 *
 * @param directory where the files are
 * @param byRole the current one first
 */
public record AuthorityFiles(
    Path directory, X509Certificate root, Map<String, List<X509Certificate>> byRole) {

  /** What the root certifies. */
  public static final List<String> ROLES = List.of(Identity.ISSUING, Identity.OPERATIONS);

  public AuthorityFiles {
    byRole = Map.copyOf(byRole);
  }

  /** Where the root's certificate is. */
  public static Path rootFile(Path directory) {
    return directory.resolve("root.pem");
  }

  /** Where a role's certificates are. */
  public static Path file(Path directory, String role) {
    return directory.resolve(role + ".pem");
  }

  /**
   * Reads them.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when a file is missing, {@link
   *     Reason#CERTIFICATE_UNTRUSTED} when the root did not sign what is in one
   */
  public static AuthorityFiles read(Path directory) throws IOException {
    X509Certificate root = certificates(rootFile(directory)).get(0);
    Map<String, List<X509Certificate>> byRole = new TreeMap<>();
    for (String role : ROLES) {
      List<X509Certificate> found = certificates(file(directory, role));
      for (X509Certificate certificate : found) {
        requireSignedBy(root, certificate, file(directory, role));
      }
      byRole.put(role, found);
    }
    return new AuthorityFiles(directory, root, byRole);
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new RefusedException(
          Reason.KEY_MISSING,
          "there is no " + file,
          "restore ca/ from a backup of the home; a new home gets its authorities by guardbee ca"
              + " init or guardbee up");
    }
    return Pem.readCertificates(file);
  }

  private static void requireSignedBy(X509Certificate root, X509Certificate below, Path file) {
    try {
      // the root itself is no authority below it: its key must not sign for a role
      if (!below.getSubjectX500Principal().equals(root.getSubjectX500Principal())
          && below.getIssuerX500Principal().equals(root.getSubjectX500Principal())) {
        below.verify(root.getPublicKey());
        return;
      }
    } catch (GeneralSecurityException e) {
      // refused below
    }
    throw new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        file + " holds a certificate that the root in root.pem did not sign",
        "restore ca/ from a backup of the home");
  }

  /** The authority that signs for that role now. */
  public X509Certificate current(String role) {
    return all(role).get(0);
  }

  /** All whose certificates are believed, the current one first. */
  public List<X509Certificate> all(String role) {
    List<X509Certificate> all = byRole.get(role);
    if (all == null) {
      throw new IllegalArgumentException(role);
    }
    return all;
  }

  /** Those below the root, the issuing ones first. */
  public List<X509Certificate> below() {
    List<X509Certificate> below = new ArrayList<>();
    ROLES.forEach(role -> below.addAll(all(role)));
    return below;
  }
}
