package io.guardbee.broker.report;

import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the door has to tell, without waiting; thread-safe. Each may drop what is too much.
 */
public interface Reports {

  void refused(Refusal refusal);

  /**
   * Counts a PUBLISH or SUBSCRIBE that rights refuse.
   *
   * @param address of the peer, null where the broker does not know it
   * @return how many of its kind there were since the log last told of them, when it is to tell of
   *     them now; else 0
   */
  long refusedRequest(RefusedRequest.Kind kind, @Nullable String address, Instant at);

  void cloned(CloneAlarm alarm);

  /** Told once for a certificate, however often it is accepted. */
  void accepted(FirstUse use);

  /** One that was refused because the service has not confirmed it since a restore. */
  void unconfirmed(X509Certificate certificate);

  void observed(Observation observation);

  void answer(PolicyAnswer answer);
}
