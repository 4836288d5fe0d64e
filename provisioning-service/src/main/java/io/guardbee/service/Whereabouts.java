package io.guardbee.service;

import io.guardbee.files.CredentialFiles;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Fingerprint;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.installation.ServerNames;
import java.io.IOException;
import java.security.cert.X509Certificate;

/** Where a started service and its broker are found, and what is needed to speak to them. */
final class Whereabouts {

  private Whereabouts() {}

  static Endpoints of(Home home, Config.Listen listen, HttpServer.Ports ports, X509Certificate root)
      throws IOException {
    String host = ServerNames.host(listen);
    CredentialFiles operator = CredentialFiles.beside(home.operator().resolve("operator.pem"));
    return new Endpoints(
        "https://" + host + ":" + ports.https(),
        "http://" + host + ":" + ports.http(),
        "ssl://" + host + ":" + listen.mqtts(),
        listen.wss() < 0 ? null : "wss://" + host + ":" + listen.wss() + "/mqtt",
        home.ca().resolve("root.pem").toString(),
        operator.certificate().toString(),
        operator.keyUri().orElse(operator.key().toString()),
        Fingerprint.of(root).toString());
  }
}
