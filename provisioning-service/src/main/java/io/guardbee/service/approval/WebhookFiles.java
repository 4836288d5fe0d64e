package io.guardbee.service.approval;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The files that the webhook's settings name, read and found fit. */
final class WebhookFiles {

  private static final int SHORTEST = 16;
  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private WebhookFiles() {}

  /**
   * The secret: the file's octets but for line breaks at its end.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when others may read it, or it is
   *     too short to be a secret
   */
  static byte[] secret(Path file) throws IOException {
    requireFile("secretFile", file);
    if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
      throw invalid("secretFile: others may read " + file, "chmod 600 " + file);
    }
    // ISO 8859-1 keeps every octet as it is
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    byte[] secret = text.replaceAll("[\r\n]+$", "").getBytes(StandardCharsets.ISO_8859_1);
    if (secret.length < SHORTEST) {
      throw invalid(
          "secretFile: " + file + " holds " + secret.length + " octets",
          "put a random secret of " + SHORTEST + " or more there: openssl rand -hex 32");
    }
    return secret;
  }

  /**
   * TLS that believes the authorities of that file and no others.
   *
   * @param file null for Java's own list
   */
  static SSLContext tls(@Nullable Path file) throws IOException {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(file == null ? null : store(file));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw invalid(
          "trustFile: Java does not take it: " + Quoted.failure(e), "give PEM certificates");
    }
  }

  private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    requireFile("trustFile", file);
    List<X509Certificate> authorities = authorities(file);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    return store;
  }

  private static List<X509Certificate> authorities(Path file) throws IOException {
    try {
      return Pem.readCertificates(file);
    } catch (RefusedException e) {
      throw invalid("trustFile: " + e.detail(), "put PEM certificates there");
    }
  }

  private static void requireFile(String key, Path file) {
    if (!Files.isRegularFile(file)) {
      throw invalid(key + ": no such file: " + file, "make it, or correct the path");
    }
  }

  private static RefusedException invalid(String detail, String fix) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, "approval.webhook." + detail, fix);
  }
}
