package io.guardbee.service.api;

import io.guardbee.pki.Pem;
import io.guardbee.service.http.Caller;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Short-lived certificates for the MQTT listeners of brokers. */
public final class BrokerRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerRoutes.class);
  private static final byte DER_SEQUENCE = 0x30;

  private final Issuance issuance;
  private final Profile listener;
  private final Callers callers;

  /**
   * @param listener the profile of listener certificates
   */
  public BrokerRoutes(Issuance issuance, Profile listener, Callers callers) {
    this.issuance = issuance;
    this.listener = listener;
    this.callers = callers;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/broker/certificate", this::certify);
  }

  private void certify(Context context) {
    Caller.Broker broker = callers.requireBroker(context);
    CertificateRequest request = CertificateRequest.parse(der(context.bodyAsBytes()));
    List<X509Certificate> chain = issuance.forListener(request, listener, broker.certificate());
    LOG.info(
        "broker {} has a listener certificate until {}",
        broker.name(),
        chain.get(0).getNotAfter().toInstant());
    context.contentType("application/pem-certificate-chain"); // RFC 8555 §9.1
    context.result(Pem.certificates(chain));
  }

  private static byte[] der(byte[] body) {
    boolean isDer = body.length > 0 && body[0] == DER_SEQUENCE;
    return isDer
        ? body
        : Pem.der("CERTIFICATE REQUEST", new String(body, StandardCharsets.US_ASCII));
  }
}
