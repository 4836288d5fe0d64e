package io.guardbee.operator;

import io.guardbee.files.CredentialFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import io.guardbee.pki.ServerTrustManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The operator's certificate and key, and trust in the service below this home's root only.
 *
 * @param operator who the operator is by it
 */
public record OperatorTls(SSLContext context, Credential operator) {

  static OperatorTls of(Endpoints endpoints) throws IOException {
    X509Certificate root = Pem.readCertificates(Path.of(endpoints.trust())).get(0);
    try {
      Credential operator = read(endpoints);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new OneKey(operator.key(), operator.chain())},
          new TrustManager[] {ServerTrustManager.of(List.of(root), ServerRole.SERVICE)},
          null);
      return new OperatorTls(context, operator);
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          endpoints.operatorKey() + " does not do for TLS: " + e.getMessage(),
          "remove the operator directory and start guardbee up: it makes a new one");
    }
  }

  private static Credential read(Endpoints endpoints) throws IOException {
    Path certificate = Path.of(endpoints.operatorCert());
    if (!KeyInToken.isUri(endpoints.operatorKey())) {
      return new CredentialFiles(certificate, Path.of(endpoints.operatorKey())).read();
    }
    KeyPair pair = KeyInToken.pair(endpoints.operatorKey());
    return new Credential(
        pair.getPrivate(), CredentialFiles.beside(certificate).readFor(pair.getPublic()));
  }
}
