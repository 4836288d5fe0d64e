package io.guardbee.service.revocation;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.store.Database;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the clone alarm when two hold certificates of one device: when a predecessor asks for
 * another certificate after its successor was in use, and when a certificate that was replaced
 * before anybody used it is presented. A device that lost its new certificate before it used it
 * does neither. The same again within a minute is on record already. Thread-safe.
 */
public final class PredecessorAlarms {

  private static final Logger LOG = LoggerFactory.getLogger(PredecessorAlarms.class);
  private static final Duration ONCE = Duration.ofMinutes(1);
  private static final int REMEMBERED = 10_000;
  private static final String ALERT = "alert";

  private final Database database;
  private final Attempts attempts;
  private final Clock clock;

  /** When each was recorded last; the oldest are forgotten. */
  private final Map<String, Instant> recorded =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  public PredecessorAlarms(Database database, Attempts attempts, Clock clock) {
    this.database = database;
    this.attempts = attempts;
    this.clock = clock;
  }

  /**
   * Where a certificate was presented.
   *
   * @param by who tells of it
   */
  private record Sighting(Door door, String address, String request, Actor by) {}

  /**
   * What is on record of a certificate that has ended because of its successor.
   *
   * @param successor the serial of a later certificate that is in use; null when none is
   */
  private record Predecessor(
      String device, String serial, String key, boolean used, @Nullable String successor) {

    boolean isCloned() {
      return !used || successor != null;
    }

    String what() {
      return used
          ? "certificate "
              + serial
              + " asks for another one while its successor "
              + successor
              + " is in use"
          : "certificate " + serial + ", which was replaced before it was used, is presented";
    }
  }

  /**
   * A renewal was refused because the certificate shown has a successor.
   *
   * @param shown proven by the handshake to be the caller's
   */
  public void refused(X509Certificate shown, String address) {
    String key = Fingerprint.of(shown.getPublicKey().getEncoded()).hex();
    find(List.of(Identity.ISSUING, Identity.OPERATIONS), Serial.of(shown).toString())
        .filter(found -> found.key().equals(key))
        .filter(Predecessor::isCloned)
        .ifPresent(
            found -> raise(found, new Sighting(Door.EST, address, "renewal", Actor.SERVICE)));
  }

  /**
   * A broker accepted or refused a certificate that ended before it was used for the first time.
   *
   * @param node the broker
   */
  public void seenAtBroker(String node, String issuer, String serial, String address) {
    find(List.of(issuer), serial)
        .filter(found -> !found.used())
        .ifPresent(
            found ->
                raise(
                    found,
                    new Sighting(Door.BROKER, address, "connect at " + node, Actor.broker(node))));
  }

  private Optional<Predecessor> find(List<String> issuers, String serial) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select c.device_id, c.serial, c.key_hash, c.first_used_at, (select"
                        + " max(s.serial) from certificate s where s.device_id = c.device_id"
                        + " and s.issuer = c.issuer and s.issue_number > c.issue_number"
                        + " and s.first_used_at is not null) as successor from certificate c"
                        + " where c.issuer in (<issuers>) and c.serial = :serial"
                        + " and c.device_id is not null and c.ends_at is not null"
                        + " and c.state in ('issued', 'revoked')")
                .bindList("issuers", issuers)
                .bind("serial", serial)
                .map(
                    (row, context) ->
                        new Predecessor(
                            row.getString("device_id"),
                            row.getString("serial"),
                            row.getString("key_hash"),
                            row.getObject("first_used_at") != null,
                            row.getString("successor")))
                .findFirst());
  }

  private void raise(Predecessor predecessor, Sighting sighting) {
    if (!isNew(predecessor.serial())) {
      return;
    }
    String device = predecessor.device();
    RefusedException why =
        new RefusedException(
            Reason.CLONE_SUSPECTED,
            predecessor.what(),
            "find out which one is the device; if its key is out: guardbee device revoke "
                + device);
    attempts.record(
        new Attempt(sighting.door(), sighting.address(), device, sighting.request(), why),
        clock.instant());
    database.transact(tx -> record(tx, predecessor, sighting));
    LOG.error("ALARM: device {}: {} (from {})", device, predecessor.what(), sighting.address());
  }

  private boolean record(Handle tx, Predecessor predecessor, Sighting sighting) {
    Audit.record(
        tx,
        Entry.of(
            clock.instant(),
            Action.CLONE_SUSPECTED,
            sighting.by(),
            "device:" + predecessor.device(),
            Map.of(
                "serial",
                predecessor.serial(),
                "successor",
                String.valueOf(predecessor.successor()),
                "addresses",
                sighting.address(),
                "action",
                ALERT)));
    return true;
  }

  private synchronized boolean isNew(String serial) {
    Instant now = clock.instant();
    Instant before = recorded.get(serial);
    if (before != null && now.isBefore(before.plus(ONCE))) {
      return false;
    }
    recorded.remove(serial);
    recorded.put(serial, now);
    return true;
  }
}
