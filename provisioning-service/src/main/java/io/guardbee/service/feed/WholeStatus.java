package io.guardbee.service.feed;

import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is in force, for a broker that does not know it. Certificates are read in pages, each in a
 * transaction of its own: neither memory nor a connection is held for as long as a broker reads.
 * Thread-safe.
 */
final class WholeStatus {

  /** Of certificates whose status is not plain good. */
  private static final List<String> STATES = List.of("revoked");

  private final Database database;
  private final JsonMapper json;
  private final Clock clock;

  WholeStatus(Database database, JsonMapper json, Clock clock) {
    this.database = database;
    this.json = json;
    this.clock = clock;
  }

  /**
   * Whom to believe and which policies to follow after exactly that event.
   *
   * @param instructions with event 0: they are no events
   */
  record Head(long event, List<FeedMessage> instructions) {}

  /** The instructions in force. No event is numbered meanwhile: they belong to that one. */
  Head head() {
    return database.transact(
        tx -> {
          long event =
              tx.createQuery("select last_event from feed_counter for update")
                  .mapTo(Long.class)
                  .one();
          List<FeedMessage> instructions = new ArrayList<>();
          trust(tx).ifPresent(instructions::add);
          policy(tx, "in_force", "enforce").ifPresent(instructions::add);
          policy(tx, "observed", "observe").ifPresent(instructions::add);
          return new Head(event, instructions);
        });
  }

  private Optional<FeedMessage.Trust> trust(Handle tx) {
    return tx.createQuery("select body from feed_trust where body <> ''")
        .mapTo(String.class)
        .findOne()
        .map(body -> json.readValue(body, FeedMessage.Trust.class));
  }

  private static Optional<FeedMessage.Policy> policy(Handle tx, String which, String mode) {
    return tx.createQuery(
            "select v.version, v.document from policy_head h join policy_version v"
                + " on v.version = h."
                + which)
        .map(
            (row, context) ->
                new FeedMessage.Policy(0, row.getLong("version"), mode, row.getString("document")))
        .findOne();
  }

  /** The line for an event that tells of a policy. */
  FeedMessage whole(FeedMessage.Policy told) {
    return database
        .transact(
            tx ->
                tx.createQuery("select document from policy_version where version = :version")
                    .bind("version", told.version())
                    .mapTo(String.class)
                    .findOne())
        .<FeedMessage>map(told::with)
        .orElseGet(() -> new FeedMessage.Nothing(told.event()));
  }

  /**
   * A part of the certificates.
   *
   * @param next where the part after it begins; null for the last one
   */
  record Page(List<CertificateStatus> certificates, @Nullable Place next) {}

  /** A place in the order of certificates: behind that serial, or at the issuer's beginning. */
  record Place(int state, String issuer, String serial) {

    static final Place FIRST = new Place(0, "", "");
  }

  /** Some certificates from there on: of one issuer and state, perhaps none. */
  Page page(Place from, int most) {
    return database.transact(
        tx -> {
          List<CertificateStatus> found =
              from.issuer().isEmpty() ? List.of() : certificates(tx, from, most);
          return new Page(found, next(tx, from, found, most));
        });
  }

  private List<CertificateStatus> certificates(Handle tx, Place from, int most) {
    return tx.createQuery(
            "select issuer, serial, device_id, not_after, revocation_reason from certificate"
                + " where state = :state and issuer = :issuer and serial > :serial"
                + " and device_id is not null and not_after > :now"
                + " order by state, issuer, serial fetch next :most rows only")
        .bind("state", STATES.get(from.state()))
        .bind("issuer", from.issuer())
        .bind("serial", from.serial())
        .bind("now", Sql.utc(clock.instant()))
        .bind("most", most)
        .map(
            (row, context) ->
                new CertificateStatus(
                    row.getString("issuer"),
                    row.getString("serial"),
                    row.getString("device_id"),
                    status(STATES.get(from.state()), row.getString("revocation_reason")),
                    Sql.instant(row, "not_after")))
        .list();
  }

  private static String status(String state, @Nullable String reason) {
    return FeedMessage.SUPERSEDED.equals(reason) ? FeedMessage.SUPERSEDED : state;
  }

  private static @Nullable Place next(
      Handle tx, Place from, List<CertificateStatus> found, int most) {
    if (found.size() == most) {
      return new Place(from.state(), from.issuer(), found.get(most - 1).serial());
    }
    String issuer = from.issuer();
    for (int state = from.state(); state < STATES.size(); state++) {
      Optional<String> after =
          tx.createQuery(
                  "select min(issuer) from certificate where state = :state and issuer > :issuer")
              .bind("state", STATES.get(state))
              .bind("issuer", issuer)
              .mapTo(String.class)
              .findOne();
      if (after.isPresent()) {
        return new Place(state, after.get(), "");
      }
      issuer = "";
    }
    return null;
  }
}
