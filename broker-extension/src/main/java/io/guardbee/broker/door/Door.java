package io.guardbee.broker.door;

import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Limits;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.Block;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides who comes in, step by step. Thread-safe, never waits. */
final class Door {

  private final Supplier<TrustedIssuers> issuers;
  private final StatusIndex index;
  private final Supplier<Policy> policy;
  private final Freshness freshness;
  private final Clock clock;

  Door(
      Supplier<TrustedIssuers> issuers,
      StatusIndex index,
      Supplier<Policy> policy,
      Freshness freshness,
      Clock clock) {
    this.issuers = issuers;
    this.index = index;
    this.policy = policy;
    this.freshness = freshness;
    this.clock = clock;
  }

  /**
   * Step one, at the handshake and again at every CONNECT: a resumed TLS session skips trust
   * managers (RFC 8446 §2.2), and a certificate may have ended since.
   */
  Visitor identify(@Nullable X509Certificate certificate) {
    if (certificate == null) {
      throw new RefusedException(
          Reason.CERTIFICATE_MISSING,
          "no client certificate was presented",
          "connect over TLS with the device's certificate and key");
    }
    TrustedIssuers now = issuers.get();
    return Visitor.of(certificate, now.identify(certificate, clock.instant()), now);
  }

  /**
   * How much the holder of a certificate may do by the policy in force.
   *
   * @throws RefusedException when it may not come in
   */
  Limits limitsOf(@Nullable X509Certificate certificate) {
    return policy.get().rightsOf(identify(certificate).attributes()).limits();
  }

  /** Step two, after the connection is registered: is the certificate blocked, or not confirmed? */
  void checkStatus(Visitor visitor) {
    Block block = index.block(visitor.key()).orElse(null);
    if (block != null) {
      throw block.refusal(visitor.key(), visitor.name());
    }
    if (index.restore().current().refuses(visitor.key(), visitor.certificate())) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNCONFIRMED,
          "certificate "
              + visitor.key().serial()
              + " is of a time of which the service has lost its records",
          "ask the operator to adopt it: guardbee restore reconcile; or enrol again");
    }
  }

  /**
   * Steps two to five: status, how old it is, client id, policy. The authorities again when they
   * changed since step one: whoever changes them looks for connections that are registered.
   */
  Rights admit(LiveConnection connection) {
    Visitor visitor = connection.visitor();
    checkTrust(visitor);
    checkStatus(visitor);
    freshness.check(index, visitor.name(), clock.instant());
    return rightsNow(connection);
  }

  /** Whether authorities that are believed now still vouch for who came in by others. */
  void checkTrust(Visitor visitor) {
    TrustedIssuers now = issuers.get();
    if (!now.equals(visitor.by())) {
      now.identify(visitor.certificate(), clock.instant());
    }
  }

  /**
   * The rights by the policy that is in force now.
   *
   * @throws RefusedException when it gives none, or the Will is not within them
   */
  Rights rightsNow(LiveConnection connection) {
    return rights(policy.get(), connection);
  }

  /** The rights by some policy, as {@link #rightsNow} tells. */
  static Rights rights(Policy policy, LiveConnection connection) {
    Rights rights = policy.rightsOf(connection.visitor().attributes()).use(connection.clientId());
    Will will = connection.will();
    if (will != null) {
      Decision decision = rights.decidePublish(will.topic(), will.qos(), will.retain());
      if (!decision.allowed()) {
        throw new RefusedException(
            Reason.TOPIC_NOT_ALLOWED,
            "the Will to "
                + Quoted.of(will.topic())
                + " qos "
                + will.qos()
                + ": "
                + decision.words(),
            "connect with a Will that rule " + rights.rule() + " allows");
      }
    }
    return rights;
  }

  /** Why a connection that is in must leave now; null when it may stay. */
  @Nullable RefusedException mustLeave(Visitor visitor) {
    if (clock.instant().isAfter(visitor.until())) {
      return new RefusedException(
          Reason.CERTIFICATE_EXPIRED,
          "the certificate ended at " + visitor.until(),
          "renew it and connect again");
    }
    try {
      checkStatus(visitor);
      return null;
    } catch (RefusedException e) {
      return e;
    }
  }
}
