package io.guardbee.files;

import io.guardbee.pki.Credential;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A private key (0600) and its certificate chain in two PEM files that are replaced together: the
 * new pair is on the disk beside the old one before either is touched, and is taken from there when
 * the power failed between the two. In the place of the key's file there may be one, named {@code
 * .uri}, of a PKCS#11 URI (RFC 7512): the key is in that token then.
 */
public record CredentialFiles(Path certificate, Path key) {

  private static final String STAGED = ".staged";

  /** With the key in a file of the same name, or in a token. */
  public static CredentialFiles beside(Path certificate) {
    String name = certificate.getFileName().toString().replaceAll("\\.pem$", "");
    return new CredentialFiles(certificate, certificate.resolveSibling(name + ".key"));
  }

  /** The URI of the key, when it is in a token; empty when it is in its file. */
  public Optional<String> keyUri() throws IOException {
    return Files.exists(uri()) ? Optional.of(Files.readString(uri()).strip()) : Optional.empty();
  }

  private Path uri() {
    String name = key.getFileName().toString().replaceAll("\\.key$", "");
    return key.resolveSibling(name + ".uri");
  }

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

  /**
   * Reads the certificate chain of a key in a token; completes a move there that was cut off.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is for another key
   */
  public List<X509Certificate> readFor(PublicKey inToken) throws IOException {
    for (Path file : List.of(certificate, staged().certificate())) {
      if (Files.exists(file)) {
        List<X509Certificate> chain = Pem.readCertificates(file);
        if (Arrays.equals(chain.get(0).getPublicKey().getEncoded(), inToken.getEncoded())) {
          completeMove(chain);
          return chain;
        }
      }
    }
    throw new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "the key in the token that "
            + uri()
            + " names is not that of the certificate in "
            + certificate,
        "restore both from a backup, or have them made anew");
  }

  private void completeMove(List<X509Certificate> chain) throws IOException {
    Optional<String> uri = keyUri();
    if (uri.isPresent() && (Files.exists(key) || Files.exists(staged().certificate()))) {
      write(chain, uri.get());
    }
  }

  private CredentialFiles staged() {
    return new CredentialFiles(stagedAt(certificate), stagedAt(key));
  }

  private static Path stagedAt(Path file) {
    return file.resolveSibling(file.getFileName() + STAGED);
  }

  /** Replaces the pair; the key is in its file from then on. */
  public void write(Credential credential) throws IOException {
    CredentialFiles staged = staged();
    staged.put(credential);
    SafeFiles.delete(uri());
    put(credential);
    SafeFiles.delete(staged.key());
    SafeFiles.delete(staged.certificate());
  }

  /** Replaces the certificate by one for a key in a token; there is no file of a key after that. */
  public void write(List<X509Certificate> chain, String keyUri) throws IOException {
    Path staged = staged().certificate();
    SafeFiles.writePublic(staged, Pem.certificates(chain));
    SafeFiles.writePublic(uri(), keyUri + "\n");
    SafeFiles.writePublic(certificate, Pem.certificates(chain));
    SafeFiles.delete(key);
    SafeFiles.delete(staged);
  }

  private void put(Credential credential) throws IOException {
    SafeFiles.writeSecret(key, Pem.privateKey(credential.key()));
    SafeFiles.writePublic(certificate, Pem.certificates(credential.chain()));
  }
}
