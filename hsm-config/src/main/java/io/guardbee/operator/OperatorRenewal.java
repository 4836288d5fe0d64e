package io.guardbee.operator;

import io.guardbee.files.CredentialFiles;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.SigningRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Renews the operator's own certificate with the service, by the certificate that is good now. */
public final class OperatorRenewal {

  private static final String ROUTE = "/v1/operators/renewal";

  private final Path home;

  /**
   * @param home absolute, with {@code run/endpoints.json}
   */
  public OperatorRenewal(Path home) {
    this.home = home;
  }

  /** Whether a certificate is in the last third of its life, and has not ended. */
  static boolean isDue(X509Certificate leaf, Instant now) {
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Instant due = until.minus(Duration.between(from, until).dividedBy(3));
    return !now.isBefore(due) && now.isBefore(until);
  }

  /**
   * Replaces key and certificate; a key in a token stays, and has a new certificate.
   *
   * @param key a PKCS#11 URI to have the next key in that token; empty for one like the present
   * @return the new certificate
   */
  public X509Certificate renew(Optional<String> key) throws IOException, InterruptedException {
    return renew(new Api(Endpoints.read(home)), key);
  }

  X509Certificate renew(Api api, Optional<String> key) throws IOException, InterruptedException {
    Endpoints endpoints = api.endpoints();
    String place = key.orElse(endpoints.operatorKey());
    if (key.isPresent() && !KeyInToken.isUri(place)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "key " + Quoted.of(place) + " is no PKCS#11 URI",
          "write pkcs11:token=…;object=…, or leave --key out for a key in a file");
    }
    KeyPair pair = KeyInToken.isUri(place) ? KeyInToken.pair(place) : NewKey.p256();
    Credential next = new Credential(pair.getPrivate(), certify(api, pair));
    Path certificate = Path.of(endpoints.operatorCert());
    if (KeyInToken.isUri(place)) {
      keepInToken(endpoints, place, next);
    } else {
      new CredentialFiles(certificate, Path.of(place)).write(next);
      Path store = OperatorStore.beside(certificate);
      if (Files.exists(store)) {
        SafeFiles.writeSecret(store, OperatorStore.pkcs12(next));
      }
    }
    return next.leaf();
  }

  private void keepInToken(Endpoints endpoints, String place, Credential next) throws IOException {
    Path certificate = Path.of(endpoints.operatorCert());
    String former = endpoints.operatorKey(); // on another machine it may be in another folder
    CredentialFiles files =
        KeyInToken.isUri(former)
            ? CredentialFiles.beside(certificate)
            : new CredentialFiles(certificate, Path.of(former));
    files.write(next.chain(), place);
    if (!place.equals(former)) {
      endpoints.withOperatorKey(place).write(home);
      SafeFiles.delete(OperatorStore.beside(certificate));
    }
  }

  private static List<X509Certificate> certify(Api api, KeyPair pair)
      throws IOException, InterruptedException {
    try {
      List<X509Certificate> chain =
          Pem.parseCertificates(api.postRequest(ROUTE, SigningRequest.pem(pair)));
      boolean own =
          Arrays.equals(chain.get(0).getPublicKey().getEncoded(), pair.getPublic().getEncoded());
      if (own) {
        return chain;
      }
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED, "the new key does not sign: " + e.getMessage(), "try again");
    }
    throw new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the service answered with a certificate for another key",
        "see the service's log");
  }
}
