package io.guardbee.broker.door;

import io.guardbee.broker.report.CloneAlarm;
import io.guardbee.broker.report.FirstUse;
import io.guardbee.broker.report.Observation;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.Refusal;
import io.guardbee.broker.report.RefusedRequest;
import io.guardbee.broker.report.Reports;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What the door told, kept for the test. */
record Told(
    List<Refusal> refusals,
    List<CloneAlarm> clones,
    List<Observation> observations,
    List<PolicyAnswer> answers,
    List<FirstUse> firstUses,
    List<X509Certificate> certificates,
    List<RefusedRequest.Kind> refusedRequests)
    implements Reports {

  Told() {
    this(
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>());
  }

  @Override
  public void unconfirmed(X509Certificate certificate) {
    certificates.add(certificate);
  }

  @Override
  public void refused(Refusal refusal) {
    refusals.add(refusal);
  }

  @Override
  public long refusedRequest(RefusedRequest.Kind kind, @Nullable String address, Instant at) {
    refusedRequests.add(kind);
    return 1;
  }

  @Override
  public void cloned(CloneAlarm alarm) {
    clones.add(alarm);
  }

  @Override
  public void accepted(FirstUse use) {
    firstUses.add(use);
  }

  @Override
  public void observed(Observation observation) {
    observations.add(observation);
  }

  @Override
  public void answer(PolicyAnswer answer) {
    answers.add(answer);
  }
}
