package io.guardbee.bench.door;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.OneKey;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A device of the benchmark, with all that it needs to connect made beforehand.
 *
 * @param tls as this device, with sessions of its own
 */
record Member(DeviceId id, X509Certificate certificate, SSLContext tls) {

  private static final Pinned BROKERS = new Pinned();

  static Member of(DeviceId id, PrivateKey key, List<X509Certificate> chain) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {new OneKey(key, chain)}, new TrustManager[] {BROKERS}, null);
      return new Member(id, chain.get(0), tls);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** A topic that the built-in policy lets it publish to. */
  String topic() {
    return "devices/" + id + "/telemetry/bench";
  }
}
