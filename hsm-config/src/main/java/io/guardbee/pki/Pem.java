package io.guardbee.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** PEM text (RFC 7468) of certificates and private keys, to and from. */
public final class Pem {

  private static final Pattern BEGIN_CERTIFICATE =
      Pattern.compile("-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----");

  private Pem() {}

  /** {@code CERTIFICATE} blocks in the order given, leaf first. */
  public static String certificates(List<X509Certificate> chain) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : chain) {
      text.append(certificate(certificate));
    }
    return text.toString();
  }

  public static String certificate(X509Certificate certificate) {
    try {
      return block("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalArgumentException("certificate cannot be encoded", e);
    }
  }

  /** A {@code PRIVATE KEY} block (PKCS#8). Only for keys that are meant to be files. */
  public static String privateKey(PrivateKey key) {
    byte[] der = key.getEncoded();
    if (der == null) {
      throw new IllegalArgumentException("the key stays in its PKCS#11 module");
    }
    return block("PRIVATE KEY", der);
  }

  /** One block with the label given, 64 characters a line, each line ended by {@code \n}. */
  public static String block(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }

  /**
   * The DER inside the first block with that label.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when there is none
   */
  public static byte[] der(String label, String text) {
    String begin = "-----BEGIN " + label + "-----";
    int start = text.indexOf(begin);
    int end = text.indexOf("-----END " + label + "-----");
    if (start >= 0 && end > start) {
      try {
        return Base64.getMimeDecoder()
            .decode(
                text.substring(start + begin.length(), end).getBytes(StandardCharsets.US_ASCII));
      } catch (IllegalArgumentException e) {
        throw malformed(label, Quoted.failure(e));
      }
    }
    throw malformed(label, "no BEGIN and END lines");
  }

  /**
   * Every certificate in the text, in order.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when there is none or one is broken
   */
  public static List<X509Certificate> parseCertificates(String text) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> found =
          factory
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw malformed("CERTIFICATE", "no certificate found");
      }
      long begun = BEGIN_CERTIFICATE.matcher(text).results().count();
      if (found.size() < begun) { // Java 25 passes over a last one that is cut off
        throw malformed("CERTIFICATE", "only " + found.size() + " of " + begun + " are whole");
      }
      return found;
    } catch (GeneralSecurityException e) {
      throw malformed("CERTIFICATE", Quoted.failure(e));
    }
  }

  /**
   * One certificate from its DER encoding.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when it is none
   */
  public static X509Certificate decode(byte[] der) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw malformed("CERTIFICATE", Quoted.failure(e));
    }
  }

  /** Every certificate in the file; the file's name stands in the error. */
  public static List<X509Certificate> readCertificates(Path file) throws IOException {
    try {
      return parseCertificates(Files.readString(file, StandardCharsets.US_ASCII));
    } catch (RefusedException e) {
      throw new RefusedException(e.reason(), file + ": " + e.detail(), e.nextStep());
    }
  }

  private static RefusedException malformed(String label, @Nullable String cause) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "not a PEM " + label + ": " + cause,
        "give PEM text as openssl writes it");
  }
}
