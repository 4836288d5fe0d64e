package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.Way;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Grants that let in many: made, looked at, widened by names, withdrawn. Whether one is still good
 * is decided again when a certificate is reserved. Thread-safe.
 */
public final class StandingGrants {

  /** Grants that another node made or withdrew are known after this. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final Database database;
  private final Profiles profiles;
  private final Clock clock;
  private volatile Snapshot snapshot = new Snapshot(List.of(), Instant.MIN);

  private record Snapshot(List<StandingGrant> grants, Instant read) {}

  public StandingGrants(Database database, Profiles profiles, Clock clock) {
    this.database = database;
    this.profiles = profiles;
    this.clock = clock;
  }

  /**
   * A grant to be made.
   *
   * @param name 1 to 128 characters, as a device id; a station's is the station's own
   * @param by the operator
   */
  public record Wanted(
      DeviceId name,
      Holder holder,
      StandingGrant.Terms terms,
      Collection<DeviceId> names,
      String by) {}

  /**
   * Makes a grant.
   *
   * @throws RefusedException {@link Reason#GRANT_EXISTS}, {@link Reason#PROFILE_UNKNOWN}, {@link
   *     Reason#PROFILE_NOT_GRANTED}, {@link Reason#REQUEST_MALFORMED}
   */
  public StandingGrant make(Wanted wanted) {
    refuseBoundless(wanted);
    wanted.terms().profiles().forEach(profile -> refuseOtherWay(profile, wanted.holder().way()));
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    StandingGrant grant =
        new StandingGrant(
            UUID.randomUUID(),
            wanted.name().value(),
            wanted.holder(),
            wanted.terms(),
            new StandingGrant.Course(wanted.by(), now, null),
            0);
    database.transact(
        tx -> {
          refuseTaken(tx, grant.name());
          GrantRows.insert(tx, grant);
          Audit.record(tx, made(grant, wanted.names(), now));
          return insertNames(tx, grant.id(), wanted.names());
        });
    refresh();
    return grant;
  }

  private static Entry made(StandingGrant grant, Collection<DeviceId> names, Instant now) {
    StandingGrant.Terms terms = grant.terms();
    return Entry.of(
        now,
        Action.GRANT_MADE,
        Actor.operator(grant.course().by()),
        "grant:" + grant.name(),
        Map.of(
            "kind",
            grant.holder().way().toString(),
            "right",
            grant.id().toString(),
            "profiles",
            String.join(" ", terms.profiles()),
            "budget",
            String.valueOf(terms.budget()),
            "until",
            String.valueOf(terms.until()),
            "anyName",
            String.valueOf(terms.anyName()),
            "mayReplace",
            String.valueOf(terms.mayReplace()),
            "names",
            String.valueOf(names.size())));
  }

  /** What many share, or what vouches for others, has an end and a number. */
  private static void refuseBoundless(Wanted wanted) {
    if (wanted.terms().mayReplace() && !(wanted.holder() instanceof Holder.Station)) {
      throw malformed(
          "grant " + wanted.name() + " is no station's: it cannot have mayReplace",
          "leave mayReplace out");
    }
    if (wanted.holder() instanceof Holder.Manufacturer) {
      return;
    }
    StandingGrant.Terms terms = wanted.terms();
    if (terms.budget() == null || terms.until() == null) {
      throw malformed(
          "grant " + wanted.name() + " has no budget or no end",
          "give both: budget and until, on the command line --budget and --until");
    }
    if (terms.anyName() && wanted.holder() instanceof Holder.Claim) {
      throw malformed(
          "claim grant " + wanted.name() + " would give any name to whoever has the certificate",
          "give the names: --allow-list FILE");
    }
  }

  private void refuseOtherWay(String profile, Way way) {
    if (!profiles.device(profile).ways().contains(way)) {
      throw new RefusedException(
          Reason.PROFILE_NOT_GRANTED,
          "profile " + profile + " is not given by " + way,
          "widen profiles." + profile + ".who in config.yaml, or name another profile");
    }
  }

  private static void refuseTaken(Handle tx, String name) {
    boolean taken =
        tx.createQuery("select 1 from standing_grant where open_name = :name")
            .bind("name", name)
            .mapTo(Integer.class)
            .findOne()
            .isPresent();
    if (taken) {
      throw new RefusedException(
          Reason.GRANT_EXISTS,
          "there is a grant " + name + " already",
          "choose another name, or first: guardbee grant withdraw " + name);
    }
  }

  /** All that were ever made, oldest first. */
  public List<StandingGrant> list() {
    return database.transact(GrantRows::read);
  }

  /**
   * The grant of that name; of several, the last made.
   *
   * @throws RefusedException {@link Reason#NOT_FOUND}
   */
  public StandingGrant find(String name) {
    return list().stream()
        .filter(grant -> grant.name().equals(name))
        .max(Comparator.comparing(grant -> grant.course().created()))
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.NOT_FOUND,
                    "there is no grant " + Quoted.of(name),
                    "see guardbee grant list"));
  }

  /** How many names are on its list. */
  public int names(StandingGrant grant) {
    return database.transact(
        tx ->
            tx.createQuery("select count(*) from grant_name where grant_id = :id")
                .bind("id", grant.id())
                .mapTo(Integer.class)
                .one());
  }

  /**
   * Puts names on a grant's list; those that are there already stay.
   *
   * @param by the operator
   * @return how many are new
   * @throws RefusedException {@link Reason#NOT_FOUND}, {@link Reason#GRANT_EXPIRED}
   */
  public int allow(String name, Collection<DeviceId> names, Actor by) {
    StandingGrant grant = find(name);
    if (!grant.isOpen(clock.instant())) {
      throw StandingGrant.ended(name, grant.course().withdrawn(), grant.terms().until());
    }
    return database.transact(
        tx -> {
          int added = insertNames(tx, grant.id(), names);
          Audit.record(
              tx,
              Entry.of(
                  clock.instant(),
                  Action.GRANT_WIDENED,
                  by,
                  "grant:" + name,
                  Map.of("right", grant.id().toString(), "names", String.valueOf(added))));
          return added;
        });
  }

  private static int insertNames(Handle tx, UUID grant, Collection<DeviceId> names) {
    if (names.isEmpty()) {
      return 0;
    }
    // one look-up a row: an IN over all names would read the whole list each time
    PreparedBatch rows =
        tx.prepareBatch(
            "insert into grant_name (grant_id, device_id)"
                + " select cast(:grant as uuid), cast(:name as varchar(128)) where not exists"
                + " (select 1 from grant_name where grant_id = :grant and device_id = :name)");
    names.stream()
        .map(DeviceId::value)
        .distinct()
        .sorted() // everyone in one order: no deadlock
        .forEach(name -> rows.bind("grant", grant).bind("name", name).add());
    return Arrays.stream(rows.execute()).sum();
  }

  boolean allows(StandingGrant grant, DeviceId name) {
    return grant.terms().anyName()
        || database.transact(tx -> LockedGrant.isOnList(tx, grant.id(), name));
  }

  /**
   * Ends a grant at once; what it gave stays good. Doing it again changes nothing.
   *
   * @param by the operator
   * @throws RefusedException {@link Reason#NOT_FOUND}
   */
  public StandingGrant withdraw(String name, Actor by) {
    StandingGrant grant = find(name);
    Instant now = clock.instant();
    database.transact(
        tx -> {
          Audit.record(
              tx,
              Entry.of(
                  now,
                  Action.GRANT_WITHDRAWN,
                  by,
                  "grant:" + name,
                  Map.of("right", grant.id().toString())));
          return tx.execute(
              "update standing_grant set withdrawn_at = ?, open_name = null"
                  + " where id = ? and withdrawn_at is null",
              Sql.utc(now),
              grant.id());
        });
    refresh();
    return find(name);
  }

  /** As known a moment ago, without waiting for the database more than once in that moment. */
  List<StandingGrant> recent() {
    Snapshot known = snapshot;
    return clock.instant().isBefore(known.read().plus(FRESH)) ? known.grants() : refresh();
  }

  /** The same, from memory when the database does not answer. */
  List<StandingGrant> remembered() {
    try {
      return recent();
    } catch (RefusedException e) {
      return snapshot.grants();
    }
  }

  private List<StandingGrant> refresh() {
    Instant now = clock.instant();
    List<StandingGrant> read = list();
    snapshot = new Snapshot(read, now);
    return read;
  }

  private static RefusedException malformed(String what, String fix) {
    return new RefusedException(Reason.REQUEST_MALFORMED, what, fix);
  }
}
