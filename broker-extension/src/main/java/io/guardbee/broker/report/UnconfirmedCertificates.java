package io.guardbee.broker.report;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Certificates that were refused because the service has not confirmed them since its database was
 * put back, for the operator to look at: each told once in ten minutes. Bounded, thread-safe.
 */
final class UnconfirmedCertificates {

  private static final int MOST_WAITING = 1000;
  private static final int MOST_REMEMBERED = 10_000;
  private static final long AGAIN_NANOS = 600_000_000_000L;

  private final Outbox<String> waiting;
  private final Map<X509Certificate, Long> told = new ConcurrentHashMap<>();

  UnconfirmedCertificates(LongAdder dropped) {
    this.waiting = new Outbox<>(MOST_WAITING, dropped);
  }

  void add(X509Certificate certificate) {
    long now = System.nanoTime();
    Long before = told.get(certificate);
    if (before != null && now - before < AGAIN_NANOS) {
      return;
    }
    if (told.size() >= MOST_REMEMBERED) {
      told.clear(); // what is told again changes nothing
    }
    if (waiting.add(encoded(certificate))) {
      told.put(certificate, now);
    }
  }

  private static String encoded(X509Certificate certificate) {
    try {
      return Base64.getEncoder().encodeToString(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read encodes", e);
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** DER in base64. */
  List<String> take(int most) {
    return waiting.take(most);
  }
}
