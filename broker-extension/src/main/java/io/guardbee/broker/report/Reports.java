package io.guardbee.broker.report;

import java.security.cert.X509Certificate;

/**
 * Takes what the door has to tell, without waiting; thread-safe. Each may drop what is too much.
 */
public interface Reports {

  void refused(Refusal refusal);

  void cloned(CloneAlarm alarm);

  /** Told once for a certificate, however often it is accepted. */
  void accepted(FirstUse use);

  /** One that was refused because the service has not confirmed it since a restore. */
  void unconfirmed(X509Certificate certificate);

  void observed(Observation observation);

  void answer(PolicyAnswer answer);
}
