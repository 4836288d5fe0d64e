package io.guardbee.agent.state;

import io.guardbee.pki.DeviceId;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a device holds once it is enrolled.
 *
 * @param key where the private key lives: {@code pkcs11:…} or {@code file:…}
 * @param chain the device's certificate and the authorities between it and the root
 * @param root the certificate authority that the device believes
 */
public record Enrolment(
    DeviceId deviceId,
    URI server,
    URI broker,
    String key,
    List<X509Certificate> chain,
    X509Certificate root) {

  public Enrolment {
    chain = List.copyOf(chain);
  }

  public X509Certificate certificate() {
    return chain.get(0);
  }

  public Enrolment renewed(List<X509Certificate> newChain) {
    return new Enrolment(deviceId, server, broker, key, newChain, root);
  }
}
