package io.guardbee.broker.report;

/**
 * Takes what the door has to tell, without waiting; thread-safe. Each may drop what is too much.
 */
public interface Reports {

  void refused(Refusal refusal);

  void cloned(CloneAlarm alarm);

  /** Told once for a certificate, however often it is accepted. */
  void accepted(FirstUse use);

  void observed(Observation observation);

  void answer(PolicyAnswer answer);
}
