package io.guardbee.broker.bench;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.TrustedIssuers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the door decides at a CONNECT, from its public parts and in its order: trust, status, policy
 * and client id. Thread-safe.
 *
 * @param devices whose certificates are asked about
 */
record Decision(TrustedIssuers issuers, Policy policy, List<X509Certificate> devices) {

  private static final String ISSUING = "issuing.pem";
  private static final String DEVICES = "devices.pem";
  private static final String POLICY = "policy.yaml";

  Decision {
    devices = List.copyOf(devices);
  }

  /** Reads what the benchmark's own Guardbee issued. */
  static Decision read(Path folder) {
    try {
      List<X509Certificate> issuing = Pem.readCertificates(folder.resolve(ISSUING));
      return new Decision(
          new TrustedIssuers(Map.of(Identity.ISSUING, issuing)),
          Policy.read(folder.resolve(POLICY)),
          Pem.readCertificates(folder.resolve(DEVICES)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The whole of it. */
  Rights decide(X509Certificate certificate, StatusIndex index, Instant now) {
    Identity identity = identify(certificate, now);
    if (isBlocked(certificate, identity, index)) {
      throw new IllegalStateException("a device of the benchmark is blocked");
    }
    return rights(certificate, identity);
  }

  /** Trust: the issuer's signature, validity, purpose. */
  Identity identify(X509Certificate certificate, Instant now) {
    return issuers.identify(certificate, now);
  }

  /** Status. */
  boolean isBlocked(X509Certificate certificate, Identity identity, StatusIndex index) {
    return index.block(CertificateKey.of(certificate, identity)).isPresent();
  }

  /** Policy and client id, which is the device's name as the built-in policy wants it. */
  Rights rights(X509Certificate certificate, Identity identity) {
    return policy.rightsOf(Attributes.of(certificate, identity)).use(identity.deviceId().value());
  }
}
