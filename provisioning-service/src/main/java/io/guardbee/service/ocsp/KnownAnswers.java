package io.guardbee.service.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.cert.ocsp.CertificateID;

/**
 * Answers that were signed before: given again as long as the status is the same and half of their
 * life is left. The ones not asked for the longest are dropped first. Thread-safe.
 */
final class KnownAnswers {

  private static final int MOST = 10_000; // about 10 MB

  private record Known(Status status, OcspAnswer answer, Instant stale) {}

  private final Map<CertificateID, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<CertificateID, Known> eldest) {
          return size() > MOST;
        }
      };

  synchronized Optional<OcspAnswer> of(CertificateID certificate, Status status, Instant now) {
    Known found = known.get(certificate);
    return found != null && found.status().equals(status) && now.isBefore(found.stale())
        ? Optional.of(found.answer())
        : Optional.empty();
  }

  synchronized void add(CertificateID certificate, Status status, OcspAnswer answer) {
    OcspAnswer.Life life = answer.life();
    if (life != null) {
      Duration half = Duration.between(life.produced(), life.next()).dividedBy(2);
      known.put(certificate, new Known(status, answer, life.produced().plus(half)));
    }
  }
}
