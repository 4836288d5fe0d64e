package io.guardbee.broker.door;

import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.report.FirstUse;
import io.guardbee.broker.report.Refusal;
import io.guardbee.broker.report.RefusedRequest.Kind;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells log, metrics and service who was let in or not, who was ended, who reached a limit. */
record Ledger(DoorMetrics metrics, Reports reports, Clock clock) {

  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * Who it was, as far as that is known.
   *
   * @param device null where the certificate names none
   */
  record Who(
      @Nullable String device,
      @Nullable String serial,
      @Nullable String address,
      @Nullable String clientId) {

    static Who of(LiveConnection connection) {
      String address = connection.place().address();
      return new Who(
          connection.visitor().name(),
          connection.visitor().key().serial().toString(),
          address.isEmpty() ? null : address,
          connection.clientId());
    }

    @Override
    public String toString() {
      return (device == null ? "nobody" : device + " serial " + serial)
          + (clientId == null ? "" : " client id " + Quoted.of(clientId))
          + " from "
          + (address == null ? "an unknown address" : address);
    }
  }

  void accepted(LiveConnection connection) {
    metrics.accepted();
    LOG.debug("accepted {}", connection.visitor().name());
    reports.accepted(new FirstUse(connection.visitor().key(), connection.place().address()));
  }

  /** One that the service has not confirmed since a restore. */
  void unconfirmed(X509Certificate certificate) {
    reports.unconfirmed(certificate);
  }

  void refusedConnect(Who who, RefusedException why) {
    metrics.refused(why.reason());
    LOG.warn("refused CONNECT of {}: {}", who, why.line());
    report("connect", who, why);
  }

  void ended(Who who, RefusedException why) {
    metrics.ended(why.reason());
    LOG.warn("ended connection of {}: {}", who, why.line());
    report("session", who, why);
  }

  /**
   * A connection wants more than a limit and stays: counted each time, told once in a while.
   *
   * @param stage {@code subscribe} or {@code publish}
   */
  void limited(LiveConnection connection, String stage, RefusedException why) {
    metrics.limited(why.reason());
    if (connection.mayTell(System.nanoTime(), QUIET_NANOS)) {
      Who who = Who.of(connection);
      LOG.warn("limit reached by {}: {}", who, why.line());
      report(stage, who, why);
    }
  }

  /**
   * A PUBLISH or SUBSCRIBE that the rights refuse: counted each time, logged once in a while.
   *
   * @param action {@code publish} or {@code subscribe}
   * @param topic or topic filter, as the client wrote it
   */
  void refusedRequest(LiveConnection connection, String action, String topic, Decision why) {
    metrics.refusedRequest(action, why.code());
    Who who = Who.of(connection);
    String name = connection.visitor().name();
    Kind kind = new Kind(name, action, TopicShape.of(topic, name), why.code());
    long times = reports.refusedRequest(kind, who.address(), clock.instant());
    if (times > 0) {
      LOG.warn(
          "refused {} of {}: {}: {}{}",
          action.toUpperCase(Locale.ROOT),
          who,
          kind.filter(),
          why.words(),
          times == 1 ? "" : ", " + times + " times since this was last logged");
    }
  }

  private void report(String stage, Who who, RefusedException why) {
    reports.refused(
        new Refusal(
            clock.instant(),
            stage,
            why.reason(),
            why.detail(),
            who.device(),
            who.serial(),
            who.address(),
            who.clientId()));
  }
}
