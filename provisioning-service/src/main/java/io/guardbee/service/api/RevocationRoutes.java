package io.guardbee.service.api;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.revocation.CertificateRevocations;
import io.guardbee.service.revocation.CertificateSelection;
import io.guardbee.service.revocation.Receipt;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.revocation.Revocations;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Revocation by device, certificate, serial or key; for operators. */
public final class RevocationRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(RevocationRoutes.class);

  private final Revocations devices;
  private final CertificateRevocations certificates;
  private final Callers callers;
  private final JsonMapper json;

  public RevocationRoutes(
      Revocations devices, CertificateRevocations certificates, Callers callers, JsonMapper json) {
    this.devices = devices;
    this.certificates = certificates;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/v1/revocations", this::revoke);
  }

  /**
   * What is to be revoked: exactly one of these, and why.
   *
   * @param certificate PEM, or the DER in base64
   * @param serial hexadecimal, with or without colons
   * @param issuer role of the authority, beside a serial only; {@code issuing} when left out
   * @param key fingerprint of the SubjectPublicKeyInfo
   */
  private record Request(
      @Nullable String reason,
      @Nullable String deviceId,
      @Nullable String certificate,
      @Nullable String serial,
      @Nullable String issuer,
      @Nullable String key) {

    void requireOneThing() {
      long named = Stream.of(deviceId, certificate, serial, key).filter(Objects::nonNull).count();
      if (named != 1 || (issuer != null && serial == null)) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            "the request names "
                + named
                + " things to revoke"
                + (issuer != null && serial == null ? ", and an issuer without a serial" : ""),
            "give exactly one of deviceId, certificate, serial (with issuer or without) and key");
      }
    }
  }

  private void revoke(Context context) throws InterruptedException {
    Actor operator = Actor.operator(callers.requireOperator(context).name());
    Request request = JsonBody.ofOperator(json, context.bodyAsBytes(), Request.class);
    request.requireOneThing();
    String code = request.reason();
    RevocationReason reason =
        code == null ? RevocationReason.UNSPECIFIED : RevocationReason.parse(code);
    String device = request.deviceId();
    Receipt receipt =
        device == null
            ? certificates.revoke(selection(request), reason, operator)
            : devices.revoke(new DeviceId(device), reason, operator);
    LOG.info("{} revoked certificates ({}): {}", operator, reason, receipt);
    context.contentType("application/json").result(json.writeValueAsBytes(receipt));
  }

  private static CertificateSelection selection(Request request) {
    String certificate = request.certificate();
    if (certificate != null) {
      return new CertificateSelection.ByCertificate(certificate(certificate));
    }
    String serial = request.serial();
    if (serial != null) {
      String issuer = request.issuer();
      return new CertificateSelection.BySerial(
          issuer == null ? Identity.ISSUING : issuer, Serial.parse(serial.replace(":", "")));
    }
    return new CertificateSelection.ByKey(key(Objects.requireNonNull(request.key())));
  }

  /** The first one of a chain. */
  private static X509Certificate certificate(String text) {
    if (text.contains("-----BEGIN")) {
      List<X509Certificate> chain = Pem.parseCertificates(text);
      return chain.get(0);
    }
    try {
      return Pem.decode(Base64.getMimeDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "the certificate is neither PEM nor base64",
          "give PEM text as openssl writes it");
    }
  }

  private static Fingerprint key(String text) {
    try {
      return Fingerprint.parse(text);
    } catch (RefusedException e) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "key " + Quoted.of(text) + " is not a SHA-256 in hexadecimal",
          "give the fingerprint of the public key: sha256: and 64 digits, as guardbee device"
              + " explain prints it");
    }
  }
}
