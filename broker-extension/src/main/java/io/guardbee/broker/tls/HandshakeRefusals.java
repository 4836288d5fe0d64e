package io.guardbee.broker.tls;

import io.guardbee.broker.report.Refusal;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.trust.Presented;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of every handshake that failed: who, why and from where, in the log, to the service and in
 * the metrics.
 *
 * <p>A trust manager is not told the peer's address, and HiveMQ makes its engines without one. But
 * HiveMQ logs each failed handshake with it, on the thread that ran the handshake, right after the
 * trust manager has thrown: {@link HandshakeLog} hands that over, and the two halves are put
 * together here. It also brings the failures that never reach a trust manager, such as a client
 * without a common cipher suite. Where no such line comes, the address stays unknown.
 *
 * <p>Thread-safe, never waits.
 */
public final class HandshakeRefusals implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeRefusals.class);
  private static final long PATIENCE_NANOS = 500_000_000;
  private static final String STAGE = "handshake";

  /** A refusal that waits for its address. */
  private record Pending(
      Presented who, RefusedException why, String message, java.time.Instant at, long since) {}

  private final Map<Thread, Pending> pending = new ConcurrentHashMap<>(); // one a network thread
  private final Reports reports;
  private final DoorMetrics metrics;
  private final Clock clock;
  private final @Nullable HandshakeLog log;

  public HandshakeRefusals(Reports reports, DoorMetrics metrics, Clock clock) {
    this.reports = reports;
    this.metrics = metrics;
    this.clock = clock;
    this.log = HandshakeLog.find(this::heard);
  }

  /** Takes note of a refusal; what to throw. */
  CertificateException refuse(X509Certificate leaf, RefusedException why) {
    Presented who = Presented.of(leaf);
    String message = "refused " + who.name() + " serial " + who.serial() + ": " + why.line();
    Pending one = new Pending(who, why, message, clock.instant(), System.nanoTime());
    if (log == null) {
      tell(one, null);
      return new CertificateException(message);
    }
    Pending earlier = pending.put(Thread.currentThread(), one);
    if (earlier != null) {
      tell(earlier, null);
    }
    return new CertificateException(message);
  }

  /** HiveMQ's own line of a handshake that failed on this thread. */
  private void heard(String address, String message) {
    Pending one = pending.get(Thread.currentThread());
    if (one != null && one.message().equals(message)) {
      pending.remove(Thread.currentThread());
      tell(one, address);
    } else {
      tellFailure(address, Quoted.line(message));
    }
  }

  private void tell(Pending one, @Nullable String address) {
    LOG.warn(
        "refused TLS handshake of {} serial {} from {}: {}",
        one.who().name(),
        one.who().serial(),
        address == null ? "an unknown address" : address,
        one.why().line());
    metrics.refused(one.why().reason());
    reports.refused(
        new Refusal(
            one.at(),
            STAGE,
            one.why().reason(),
            one.why().detail(),
            one.who().deviceId(),
            one.who().serial(),
            address,
            null));
  }

  private void tellFailure(String address, String message) {
    LOG.warn("TLS handshake from {} failed: {}: {}", address, Reason.TLS_FAILED, message);
    metrics.refused(Reason.TLS_FAILED);
    reports.refused(
        new Refusal(clock.instant(), STAGE, Reason.TLS_FAILED, message, null, null, address, null));
  }

  /** To be called about every second: tells of what got no address. */
  public void sweep() {
    if (log != null) {
      log.install(); // a changed logback.xml takes it out
    }
    long now = System.nanoTime();
    pending.forEach(
        (thread, one) -> {
          if (now - one.since() > PATIENCE_NANOS && pending.remove(thread, one)) {
            tell(one, null);
          }
        });
  }

  @Override
  public void close() {
    if (log != null) {
      log.remove();
    }
  }
}
