package io.guardbee.service.http;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.service.device.Devices;
import io.javalin.http.Context;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells who is calling. TLS proved only that the caller has the key; whether the certificate is
 * good is decided here, at each request: so the answer can say why, and a resumed TLS session gains
 * nothing. Thread-safe.
 */
public final class Callers {

  /** RFC 6402 §2.10 id-kp-cmcRA. */
  private static final String REGISTRATION_AUTHORITY = "1.3.6.1.5.5.7.3.28";

  /** The attribute in which Jetty leaves the certificates of the client. */
  public static final String PEER_CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private final TrustedIssuers trusted;
  private final Devices devices;
  private final RoleConnections connections;
  private final Consumer<X509Certificate> unconfirmed;
  private final Clock clock;

  /**
   * @param connections is told of each that a certificate of the operations authority is shown on
   * @param unconfirmed is told of each certificate that is refused because its records are lost
   */
  public Callers(
      TrustedIssuers trusted,
      Devices devices,
      RoleConnections connections,
      Consumer<X509Certificate> unconfirmed,
      Clock clock) {
    this.trusted = trusted;
    this.devices = devices;
    this.connections = connections;
    this.unconfirmed = unconfirmed;
    this.clock = clock;
  }

  /**
   * Identifies the caller.
   *
   * @throws RefusedException {@code CERTIFICATE_*} when a certificate was presented that is not
   *     good
   */
  public Caller identify(Context context) {
    List<X509Certificate> chain = presented(context);
    if (chain.isEmpty()) {
      return new Caller.Anonymous();
    }
    Identity identity = trusted.identify(chain.get(0), clock.instant());
    Serial serial = Serial.of(chain.get(0));
    if (identity.issuer().equals(Identity.OPERATIONS)) {
      connections.note(context, serial);
    }
    try {
      devices.requireGood(identity.issuer(), serial);
    } catch (RefusedException e) {
      tell(chain.get(0), e);
      throw forRole(identity, e);
    }
    return known(identity, chain.get(0));
  }

  /** Nobody grants these roles: the way back is another. */
  private static RefusedException forRole(Identity identity, RefusedException e) {
    if (!identity.issuer().equals(Identity.OPERATIONS)
        || !List.of("operator", "broker").contains(identity.profile())) {
      return e;
    }
    return new RefusedException(
        e.reason(),
        e.detail(),
        "use the newest certificate of that "
            + identity.profile()
            + "; when there is none, start the service again on its home: it makes a new one"
            + " there");
  }

  /**
   * Identifies who may be here to enrol: also by a certificate that has ended, or that others
   * issued. Such a caller is nobody anywhere else.
   *
   * @throws RefusedException {@code CERTIFICATE_*} when a certificate was presented that is good
   *     for no enrolment
   */
  public Caller identifyForEnrolment(Context context) {
    List<X509Certificate> chain = presented(context);
    if (chain.isEmpty()) {
      return new Caller.Anonymous();
    }
    X509Certificate own = chain.get(0);
    Instant until = own.getNotAfter().toInstant();
    boolean ended = clock.instant().isAfter(until);
    Identity identity;
    try {
      identity = trusted.identify(own, ended ? until : clock.instant());
    } catch (RefusedException e) {
      if (e.reason() == Reason.CERTIFICATE_UNTRUSTED) {
        return new Caller.Stranger(chain);
      }
      throw e;
    }
    if (!isGoodOrSuperseded(identity, own)) {
      return new Caller.Superseded(
          identity.deviceId(), identity.profile(), identity.issuer(), Serial.of(own), until);
    }
    return ended
        ? new Caller.Ended(
            identity.deviceId(), identity.profile(), identity.issuer(), Serial.of(own), until)
        : known(identity, own);
  }

  private boolean isGoodOrSuperseded(Identity identity, X509Certificate own) {
    try {
      return devices.isGoodOrSuperseded(identity.issuer(), Serial.of(own));
    } catch (RefusedException e) {
      tell(own, e);
      throw e;
    }
  }

  /** An operator is to decide on it. */
  private void tell(X509Certificate certificate, RefusedException refused) {
    if (refused.reason() == Reason.CERTIFICATE_UNCONFIRMED) {
      unconfirmed.accept(certificate);
    }
  }

  /**
   * Records the use of the certificate shown, if one is shown and good; decides nothing. For what
   * anyone may read: a device that asks with its new certificate thereby confirms it.
   */
  public void noteUse(Context context) {
    try {
      Caller unused = identify(context);
    } catch (RefusedException e) {
      // anyone may read it all the same
    }
  }

  /** Whether a certificate is shown that is good. Such a caller may be told more. */
  public boolean isKnown(Context context) {
    try {
      return !(identify(context) instanceof Caller.Anonymous);
    } catch (RefusedException e) {
      return false;
    }
  }

  /** The certificate that the caller has shown and holds the key of; nothing else is checked. */
  public static Optional<X509Certificate> shown(Context context) {
    return presented(context).stream().findFirst();
  }

  private static List<X509Certificate> presented(Context context) {
    return context.req().getAttribute(PEER_CERTIFICATES) instanceof X509Certificate[] presented
        ? List.of(presented)
        : List.of();
  }

  private static Caller known(Identity identity, X509Certificate own) {
    DeviceId name = identity.deviceId();
    String profile = identity.profile();
    Serial serial = Serial.of(own);
    Instant until = own.getNotAfter().toInstant();
    if (identity.issuer().equals(Identity.ISSUING)) {
      return new Caller.Device(name, profile, serial, until);
    }
    return switch (profile) {
      case "operator" -> new Caller.Operator(name.value());
      case "broker" -> new Caller.Broker(name.value(), own);
      default ->
          isRegistrationAuthority(own)
              ? new Caller.Station(name, profile, serial, until)
              : new Caller.Server(name, profile, serial, until);
    };
  }

  private static boolean isRegistrationAuthority(X509Certificate certificate) {
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      return purposes != null && purposes.contains(REGISTRATION_AUTHORITY);
    } catch (CertificateParsingException e) {
      return false; // an unreadable extension gives no role
    }
  }

  private boolean namesOperations(X509Certificate certificate) {
    return trusted.byRole().getOrDefault(Identity.OPERATIONS, List.of()).stream()
        .map(X509Certificate::getSubjectX500Principal)
        .anyMatch(certificate.getIssuerX500Principal()::equals);
  }

  /** Whether that client certificate, whose key has been proved, is an operator's or a broker's. */
  boolean isOperatorOrBroker(X509Certificate own) {
    if (!namesOperations(own)) {
      return false; // the rest costs a signature and a look into the database
    }
    try {
      Identity identity = trusted.identify(own, clock.instant());
      devices.requireGood(identity.issuer(), Serial.of(own));
      Caller caller = known(identity, own);
      return caller instanceof Caller.Operator || caller instanceof Caller.Broker;
    } catch (RefusedException e) {
      return false; // each request is told why
    }
  }

  /** Whose client certificates are believed. */
  TrustedIssuers trusted() {
    return trusted;
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
        "use the certificate made for that role; the operator's is operator/operator.pem in the"
            + " home");
  }
}
