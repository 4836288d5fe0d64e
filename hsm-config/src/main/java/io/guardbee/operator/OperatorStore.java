package io.guardbee.operator;

import io.guardbee.pki.Credential;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;

/** An operator's key and certificate as PKCS#12, for browsers. */
public final class OperatorStore {

  /** Only a formality of the format: the file is as secret as the .key file beside it (0600). */
  private static final char[] PASSWORD = "guardbee".toCharArray();

  private OperatorStore() {}

  /** Where it is kept. */
  public static Path beside(Path certificate) {
    String name = certificate.getFileName().toString();
    return certificate.resolveSibling(name.replaceAll("\\.pem$", "") + ".p12");
  }

  /** The content of the file. */
  public static byte[] pkcs12(Credential operator) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "operator", operator.key(), PASSWORD, operator.chain().toArray(new X509Certificate[0]));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      store.store(bytes, PASSWORD);
      return bytes.toByteArray();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PKCS#12", e);
    }
  }
}
