package io.guardbee.broker.service;

import io.guardbee.pki.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * A private key and its certificates.
 *
 * @param chain the key's certificate first, then its authorities
 */
public record Credential(PrivateKey key, List<X509Certificate> chain) {

  public Credential {
    chain = List.copyOf(chain);
  }

  /** Reads PEM files. */
  public static Credential read(Path certificates, Path key)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = Pem.readCertificates(certificates);
    byte[] der = Pem.der("PRIVATE KEY", Files.readString(key));
    PrivateKey read =
        KeyFactory.getInstance(chain.get(0).getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(der));
    return new Credential(read, chain);
  }

  /** The key's own certificate. */
  public X509Certificate leaf() {
    return chain.get(0);
  }
}
