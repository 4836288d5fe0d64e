package io.guardbee.bench;

import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.launch.Endpoints;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.net.ssl.SSLContext;

/** Revokes as {@code guardbee device revoke} does: one request on a connection of its own. */
final class Operator {

  private final Endpoints endpoints;
  private final ServerTrust trust;
  private final ClientIdentity identity;

  Operator(Endpoints endpoints, ServerTrust trust) throws IOException {
    this.endpoints = endpoints;
    this.trust = trust;
    try {
      byte[] der = Pem.der("PRIVATE KEY", Files.readString(endpoints.operatorKey()));
      PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      this.identity = new ClientIdentity(key, Pem.readCertificates(endpoints.operatorCert()));
    } catch (GeneralSecurityException e) {
      throw new IOException(endpoints.operatorKey() + " is not an EC key", e);
    }
  }

  /** TLS in which the operator proves who it is. */
  SSLContext tls() {
    return trust.service(identity);
  }

  void revoke(DeviceId id) throws IOException, InterruptedException {
    URI where = endpoints.https().resolve("/v1/devices/" + id + "/revocation");
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .sslContext(tls())
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .send(
                HttpRequest.newBuilder(where)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"reason\":\"keyCompromise\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("revocation of " + id + ": " + answer.body());
    }
  }
}
