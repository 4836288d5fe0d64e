package io.guardbee.broker.door;

import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.Block;
import io.guardbee.broker.status.StatusIndex;
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
  private final PolicyInForce policy;
  private final Freshness freshness;
  private final Clock clock;

  Door(
      Supplier<TrustedIssuers> issuers,
      StatusIndex index,
      PolicyInForce policy,
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
    return Visitor.of(certificate, issuers.get().identify(certificate, clock.instant()));
  }

  /** Step two, after the connection is registered: is the certificate blocked? */
  void checkStatus(Visitor visitor) {
    Block block = index.block(visitor.key()).orElse(null);
    if (block != null) {
      throw block.refusal(visitor.key());
    }
  }

  /** Steps two to five: status, how old it is, client id, policy. */
  Rights admit(Visitor visitor, String clientId) {
    checkStatus(visitor);
    freshness.check(index, visitor.name(), clock.instant());
    return policy.current().rightsOf(visitor.attributes()).use(clientId);
  }

  /** Why a connection that is in must leave now; empty when it may stay. */
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
