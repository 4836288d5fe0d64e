package io.guardbee.bench.door;

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

/** The operator's program with one connection that it keeps, as whoever revokes often has. */
final class ServiceConnection {

  private final Endpoints endpoints;
  private final HttpClient client;

  ServiceConnection(Endpoints endpoints) throws IOException {
    this.endpoints = endpoints;
    try {
      byte[] der = Pem.der("PRIVATE KEY", Files.readString(endpoints.operatorKey()));
      PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      ClientIdentity operator =
          new ClientIdentity(key, Pem.readCertificates(endpoints.operatorCert()));
      ServerTrust trust = new ServerTrust(Pem.readCertificates(endpoints.trust()).get(0));
      client =
          HttpClient.newBuilder()
              .sslContext(trust.service(operator))
              .version(HttpClient.Version.HTTP_1_1)
              .build();
    } catch (GeneralSecurityException e) {
      throw new IOException(endpoints.operatorKey() + " is not an EC key", e);
    }
  }

  /** Returns when the receipt is there. */
  void revoke(DeviceId id) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(endpoints.https().resolve("/v1/devices/" + id + "/revocation"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"reason\":\"keyCompromise\"}")),
        HttpResponse.BodyHandlers.ofString());
  }

  /** A request that changes nothing: what the way to the service and back takes alone. */
  void look(DeviceId id) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(endpoints.https().resolve("/v1/devices/" + id)),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The revocation list of the issuing authority, PEM. */
  String revocationList() throws IOException, InterruptedException {
    URI where = endpoints.https().resolve("/crl/issuing.crl");
    byte[] der = send(HttpRequest.newBuilder(where), HttpResponse.BodyHandlers.ofByteArray());
    return Pem.block("X509 CRL", der);
  }

  private <T> T send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    HttpResponse<T> answer = client.send(request.build(), handler);
    if (answer.statusCode() != 200) {
      throw new IOException(answer.request().uri() + ": " + answer.statusCode());
    }
    return answer.body();
  }
}
