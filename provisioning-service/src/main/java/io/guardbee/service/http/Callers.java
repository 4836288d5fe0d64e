package io.guardbee.service.http;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.service.device.Devices;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.time.Clock;

/**
 * Tells who is calling. TLS proved only that the caller has the key; whether the certificate is
 * good is decided here, at each request: so the answer can say why, and a resumed TLS session gains
 * nothing. Thread-safe.
 */
public final class Callers {

  /** The attribute in which Jetty leaves the certificates of the client. */
  public static final String PEER_CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private final TrustedIssuers trusted;
  private final Devices devices;
  private final Clock clock;

  public Callers(TrustedIssuers trusted, Devices devices, Clock clock) {
    this.trusted = trusted;
    this.devices = devices;
    this.clock = clock;
  }

  /**
   * Identifies the caller.
   *
   * @throws RefusedException {@code CERTIFICATE_*} when a certificate was presented that is not
   *     good
   */
  public Caller identify(Context context) {
    X509Certificate[] chain =
        context.req().getAttribute(PEER_CERTIFICATES) instanceof X509Certificate[] presented
            ? presented
            : new X509Certificate[0];
    if (chain.length == 0) {
      return new Caller.Anonymous();
    }
    Identity identity = trusted.identify(chain[0], clock.instant());
    Serial serial = Serial.of(chain[0]);
    devices.requireGood(identity.issuer(), serial);
    if (identity.issuer().equals(Identity.ISSUING)) {
      return new Caller.Device(identity.deviceId(), identity.profile(), serial);
    }
    return switch (identity.profile()) {
      case "operator" -> new Caller.Operator(identity.deviceId().value());
      case "broker" -> new Caller.Broker(identity.deviceId().value(), chain[0]);
      default -> throw roleMissing("a role", identity.profile());
    };
  }

  /** The caller as operator, or a refusal. */
  public Caller.Operator requireOperator(Context context) {
    return require(Caller.Operator.class, "operator", identify(context));
  }

  /** The caller as broker, or a refusal. */
  public Caller.Broker requireBroker(Context context) {
    return require(Caller.Broker.class, "broker", identify(context));
  }

  /** The caller as device, or a refusal. */
  public Caller.Device requireDevice(Context context) {
    return require(Caller.Device.class, "device", identify(context));
  }

  private static <T extends Caller> T require(Class<T> wanted, String role, Caller caller) {
    if (wanted.isInstance(caller)) {
      return wanted.cast(caller);
    }
    if (caller instanceof Caller.Anonymous) {
      throw missing(role);
    }
    throw roleMissing(role, caller.name());
  }

  private static RefusedException missing(String role) {
    return new RefusedException(
        Reason.CERTIFICATE_MISSING,
        "this request needs a client certificate with the role " + role,
        "present it in the TLS handshake, as curl does with --cert and --key");
  }

  private static RefusedException roleMissing(String role, String who) {
    return new RefusedException(
        Reason.ROLE_MISSING,
        "the certificate of " + Quoted.of(who) + " does not have the role " + role,
        "use the certificate made for that role; the operator's is operator/operator.pem in the home");
  }
}
