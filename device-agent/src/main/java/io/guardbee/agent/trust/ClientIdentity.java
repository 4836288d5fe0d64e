package io.guardbee.agent.trust;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * As whom a device speaks: its certificate and the key that proves it.
 *
 * @param chain the certificate first, then the authorities below the root
 */
public record ClientIdentity(PrivateKey key, List<X509Certificate> chain) {

  public ClientIdentity {
    chain = List.copyOf(chain);
  }

  /** Names the certificate alone: a key is never printed. */
  @Override
  public String toString() {
    return chain.get(0).getSubjectX500Principal().getName();
  }
}
