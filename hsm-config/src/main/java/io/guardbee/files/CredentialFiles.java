package io.guardbee.files;

import io.guardbee.pki.Credential;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * A private key (0600) and its certificate chain in two PEM files that are replaced together: the
 * new pair is on the disk beside the old one before either is touched, and is taken from there when
 * the power failed between the two.
 */
public record CredentialFiles(Path certificate, Path key) {

  private static final String STAGED = ".staged";

  /** Whether both files are there. */
  public boolean exist() {
    return Files.exists(certificate) && Files.exists(key);
  }

  /**
   * Reads the pair.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a file does not read, or the
   *     key is not that of the certificate
   */
  public Credential read() throws IOException {
    Optional<Credential> there = pair();
    if (there.isPresent()) {
      return there.get();
    }
    Optional<Credential> staged = staged().pair();
    if (staged.isPresent()) {
      write(staged.get());
      return staged.get();
    }
    throw new RefusedException(
        Reason.CONFIGURATION_INVALID,
        key + " is not the key of the certificate in " + certificate,
        "restore both from a backup, or have them made anew");
  }

  private Optional<Credential> pair() throws IOException {
    if (!exist()) {
      return Optional.empty();
    }
    try {
      Credential credential =
          Credential.of(Pem.readCertificates(certificate), Files.readString(key));
      return credential.fits() ? Optional.of(credential) : Optional.empty();
    } catch (GeneralSecurityException e) {
      return Optional.empty(); // of another kind than the certificate
    }
  }

  private CredentialFiles staged() {
    return new CredentialFiles(beside(certificate), beside(key));
  }

  private static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + STAGED);
  }

  /** Replaces the pair. */
  public void write(Credential credential) throws IOException {
    CredentialFiles staged = staged();
    staged.put(credential);
    put(credential);
    SafeFiles.delete(staged.key());
    SafeFiles.delete(staged.certificate());
  }

  private void put(Credential credential) throws IOException {
    SafeFiles.writeSecret(key, Pem.privateKey(credential.key()));
    SafeFiles.writePublic(certificate, Pem.certificates(credential.chain()));
  }
}
