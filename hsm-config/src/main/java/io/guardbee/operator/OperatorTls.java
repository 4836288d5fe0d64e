package io.guardbee.operator;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import io.guardbee.pki.ServerTrustManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** The operator's certificate and key, and trust in the service below this home's root only. */
public record OperatorTls(SSLContext context) {

  static OperatorTls of(Endpoints endpoints) throws IOException {
    String keyFile = Files.readString(Path.of(endpoints.operatorKey()), StandardCharsets.US_ASCII);
    List<X509Certificate> chain = Pem.readCertificates(Path.of(endpoints.operatorCert()));
    X509Certificate root = Pem.readCertificates(Path.of(endpoints.trust())).get(0);
    try {
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Pem.der("PRIVATE KEY", keyFile)));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new OneKey(key, chain)},
          new TrustManager[] {ServerTrustManager.of(List.of(root), ServerRole.SERVICE)},
          null);
      return new OperatorTls(context);
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          endpoints.operatorKey() + " is not the operator's EC key in PKCS#8 PEM",
          "remove the operator directory and start guardbee up: it makes a new one");
    }
  }
}
