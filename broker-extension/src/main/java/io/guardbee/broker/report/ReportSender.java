package io.guardbee.broker.report;

import io.guardbee.broker.service.Backoff;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.broker.watch.Vitals;
import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service, on a thread of its own: about every second when there is something to tell,
 * else every five; answers to a policy at once. What the service does not take is told again, as
 * long as there is room for it.
 */
public final class ReportSender implements Reports, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ReportSender.class);
  private static final String REPORT = "/v1/broker/report";
  private static final String ANSWER = "/v1/broker/policy";
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration AT_LEAST_EVERY = Duration.ofSeconds(5);
  private static final int MOST_WAITING = 1000;
  private static final int MOST_ANSWERS = 64;
  private static final int AT_ONCE = 200;
  private static final int FIRST_USES_AT_ONCE = 1000;
  private static final int UNCONFIRMED_AT_ONCE = 100;
  private static final int SUCCESS = 2;
  private static final int CALLERS_FAULT = 4;
  private static final int HUNDRED = 100;
  private static final int TOO_MANY_REQUESTS = 429;

  private final LongAdder dropped = new LongAdder();
  private final Outbox<Refusal> refusals = new Outbox<>(MOST_WAITING, dropped);
  private final RefusedRequests refusedRequests = new RefusedRequests();
  private final Outbox<CloneAlarm> clones = new Outbox<>(MOST_WAITING, dropped);
  private final Outbox<PolicyAnswer> answers = new Outbox<>(MOST_ANSWERS, dropped);
  private final FirstUses firstUses = new FirstUses(dropped);
  private final UnconfirmedCertificates unconfirmed = new UnconfirmedCertificates(dropped);
  private final Observations observations = new Observations();
  private final Backoff backoff =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
  private final Semaphore wake = new Semaphore(0);
  private final ServiceClient service;
  private final Node node;
  private final ExecutorService threads;
  private final Clock clock;
  private ReportLine.@Nullable Batch unsent;
  private @Nullable PolicyAnswer unsentAnswer;
  private long sentAt = System.nanoTime() - AT_LEAST_EVERY.toNanos();
  private boolean isRefusing;

  /**
   * Connects to nothing yet.
   *
   * @param threads for the work; shut down at the end
   */
  public ReportSender(ServiceClient service, Node node, ExecutorService threads, Clock clock) {
    this.service = service;
    this.node = node;
    this.threads = threads;
    this.clock = clock;
  }

  /** Begins to tell. */
  public void start(Vitals vitals) {
    threads.execute(() -> keep(vitals));
  }

  @Override
  public void refused(Refusal refusal) {
    refusals.add(refusal);
  }

  @Override
  public long refusedRequest(RefusedRequest.Kind kind, @Nullable String address, Instant at) {
    return refusedRequests.add(kind, address, at);
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
  public void unconfirmed(X509Certificate certificate) {
    unconfirmed.add(certificate);
  }

  @Override
  public void observed(Observation observation) {
    observations.add(observation);
  }

  @Override
  public void answer(PolicyAnswer answer) {
    answers.add(answer);
    wake.release();
  }

  /** How many were dropped because they were too many. */
  public long dropped() {
    return dropped.sum();
  }

  private void keep(Vitals vitals) {
    int failures = 0;
    try {
      while (!threads.isShutdown()) {
        try {
          tellAnswers();
          tellReport(vitals);
          failures = 0;
        } catch (IOException | RuntimeException e) {
          if (failures++ == 0) {
            LOG.warn("{} takes no reports: {}", service.address(), Quoted.line(e.toString()));
          }
          service.next();
          backoff.rest(failures);
        }
        if (wake.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the extension stops
    }
  }

  private void tellAnswers() throws IOException, InterruptedException {
    while (unsentAnswer != null || !answers.isEmpty()) {
      PolicyAnswer answer = unsentAnswer == null ? answers.take(1).get(0) : unsentAnswer;
      unsentAnswer = answer;
      post(ANSWER, ReportLine.answer(node, answer));
      unsentAnswer = null;
    }
  }

  private void tellReport(Vitals vitals) throws IOException, InterruptedException {
    ReportLine.Batch batch = unsent == null ? next() : unsent;
    if (batch.isEmpty() && System.nanoTime() - sentAt < AT_LEAST_EVERY.toNanos()) {
      return;
    }
    unsent = batch;
    post(REPORT, ReportLine.report(node, vitals, batch));
    unsent = null;
    sentAt = System.nanoTime();
  }

  private ReportLine.Batch next() {
    return new ReportLine.Batch(
        refusals.take(AT_ONCE),
        refusedRequests.take(clock.instant()),
        clones.take(AT_ONCE / 2),
        observations.take(AT_ONCE),
        firstUses.take(FIRST_USES_AT_ONCE),
        unconfirmed.take(UNCONFIRMED_AT_ONCE));
  }

  /** What the service refuses would be refused again: it is dropped. */
  private void post(String route, String body) throws IOException, InterruptedException {
    HttpResponse<String> response =
        service.send(
            service
                .request(route)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)),
            HttpResponse.BodyHandlers.ofString());
    int code = response.statusCode();
    if (code / HUNDRED == SUCCESS) {
      isRefusing = false;
    } else if (code / HUNDRED == CALLERS_FAULT && code != TOO_MANY_REQUESTS) {
      dropped.increment();
      if (!isRefusing) { // such as a service of an earlier version: once is enough
        LOG.warn("{} refuses reports: {} {}", service.address(), code, firstOf(response.body()));
      }
      isRefusing = true;
    } else {
      throw new IOException("HTTP status " + code + " from " + response.uri());
    }
  }

  private static String firstOf(String body) {
    return Quoted.line(body);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
