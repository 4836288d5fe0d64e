package io.guardbee.broker.door;

import io.guardbee.broker.clone.CloneWatch;
import io.guardbee.broker.clone.Place;
import io.guardbee.broker.policy.Limits.OnClone;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.CloneAlarm;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Clock;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the clone watch what happens, and does what the policy wants done. Thread-safe. */
final class CloneDesk {

  private static final Logger LOG = LoggerFactory.getLogger(CloneDesk.class);

  /** Where alarms go. */
  record Bells(Reports reports, DoorMetrics metrics, Clock clock) {}

  private final CloneWatch watch = new CloneWatch();
  private final LiveConnections live;
  private final Bouncer bouncer;
  private final Bells bells;
  private final LongSupplier nanos;

  CloneDesk(LiveConnections live, Bouncer bouncer, Bells bells, LongSupplier nanos) {
    this.live = live;
    this.bouncer = bouncer;
    this.bells = bells;
    this.nanos = nanos;
  }

  /**
   * Somebody comes to whom the policy gives rights: compares with the connections of the same
   * identity, by the same certificate or by another one.
   *
   * @throws RefusedException {@link Reason#CLONE_SUSPECTED} when the policy wants it kept out
   */
  void meet(LiveConnection newcomer, Rights rights) {
    String owner = newcomer.visitor().owner();
    long now = nanos.getAsLong();
    for (LiveConnection other : live.ownedBy(owner)) {
      if (other.place().isApartFrom(newcomer.place())) {
        refuseIf(watch.against(owner, now) == OnClone.REFUSE_NEW, newcomer);
        meet(newcomer, other, rights.limits().clones());
      }
    }
    refuseIf(watch.against(owner, now) == OnClone.SUSPEND, newcomer);
  }

  private void meet(LiveConnection newcomer, LiveConnection other, OnClone action) {
    long now = nanos.getAsLong();
    if (other.clientId().equals(newcomer.clientId())) {
      String owner = newcomer.visitor().owner();
      CloneWatch.Finding finding =
          watch.tookOver(owner, other.place(), newcomer.place(), action, now);
      act(newcomer, other.visitor().key(), finding, action);
      refuseIf(watch.against(owner, now) == OnClone.REFUSE_NEW, newcomer);
    } else if (other.doubt() == null) {
      other.doubt(new LiveConnection.Doubt(newcomer.place(), newcomer.visitor().key(), now));
      other.grip().listen();
    }
  }

  private static void refuseIf(boolean suspected, LiveConnection newcomer) {
    if (suspected) {
      throw refusal(newcomer.visitor());
    }
  }

  private static RefusedException refusal(Visitor visitor) {
    return new RefusedException(
        Reason.CLONE_SUSPECTED,
        "the identity of certificate " + visitor.key().serial() + " seems to be in two places",
        "have the operator look at the device: its key may have been copied");
  }

  /**
   * A connection whose certificate came in from elsewhere has sent something.
   *
   * @return whether that is decided, so that nobody needs to listen any more
   */
  boolean heard(LiveConnection connection) {
    LiveConnection.Doubt doubt = connection.doubt();
    Rights rights = connection.rights();
    if (doubt == null || rights == null) {
      return true;
    }
    long now = nanos.getAsLong();
    if (now - doubt.since() < CloneWatch.GRACE) {
      return false; // may have been on its way
    }
    connection.forgetDoubt();
    OnClone action = rights.limits().clones();
    Place elsewhere = doubt.elsewhere();
    String owner = connection.visitor().owner();
    CloneWatch.Finding finding =
        watch.heardInBoth(owner, connection.place(), elsewhere, action, now);
    act(connection, doubt.by(), finding, action);
    return true;
  }

  private void act(
      LiveConnection connection, CertificateKey other, CloneWatch.Finding finding, OnClone action) {
    if (finding.addresses().isEmpty()) {
      return;
    }
    Visitor visitor = connection.visitor();
    if (finding.isNew()) {
      tell(visitor, other, finding.addresses(), action.toString());
    }
    if (action == OnClone.SUSPEND) {
      live.ownedBy(visitor.owner())
          .forEach(one -> bouncer.sendAway(one, refusal(one.visitor()), false));
    }
  }

  private void tell(Visitor visitor, CertificateKey other, List<String> places, String word) {
    String serial = visitor.key().serial().toString();
    String second = other.equals(visitor.key()) ? null : other.serial().toString();
    LOG.error(
        "ALARM: certificate {}{} of {} is in two places: {} (clones: {})",
        serial,
        second == null ? "" : " or " + second,
        visitor.name(),
        String.join(", ", places),
        word);
    bells.metrics().cloned();
    CloneAlarm alarm =
        new CloneAlarm(bells.clock().instant(), visitor.name(), serial, second, places, word);
    bells.reports().cloned(alarm);
  }

  /** The service has decided on that device, not only ended a predecessor. */
  void forget(BlockedCertificate blocked) {
    if (!blocked.isSuperseded()) {
      watch.forget(Visitor.owner(blocked.key().issuer(), blocked.deviceId()));
    }
  }

  void tidy() {
    watch.tidy(nanos.getAsLong());
  }
}
