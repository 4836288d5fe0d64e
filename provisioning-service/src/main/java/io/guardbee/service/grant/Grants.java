package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.profile.GrantedName;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * One-time tokens: each lets one device enrol once, until it expires. A new grant withdraws the
 * device's earlier ones. Thread-safe.
 */
public final class Grants {

  private final Database database;
  private final Profiles profiles;
  private final Duration validity;
  private final SecureRandom random;
  private final Clock clock;

  /**
   * @param validity how long a token may be used
   */
  public Grants(
      Database database, Profiles profiles, Duration validity, SecureRandom random, Clock clock) {
    this.database = database;
    this.profiles = profiles;
    this.validity = validity;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Who is to be granted what.
   *
   * @param profile empty for the device's present profile, or the default for a new device
   * @param validity how long the token may be used; empty for as long as is configured
   * @param names that the certificate gets beside those of its profile
   */
  public record Wanted(
      DeviceId deviceId, Optional<String> profile, Optional<Duration> validity, List<Name> names) {

    private static final Duration LONGEST = Duration.ofDays(3660);
    private static final int MOST_NAMES = 16;

    public Wanted {
      names = List.copyOf(names);
      if (names.size() > MOST_NAMES) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            names.size() + " names are more than a grant gives",
            "give at most " + MOST_NAMES);
      }
      if (validity.isPresent()
          && (validity.get().toSeconds() < 1 || validity.get().compareTo(LONGEST) > 0)) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            "validity " + validity.get() + " is not possible",
            "give a duration from PT1S to " + LONGEST.toDays() + " days, such as PT1H or P30D");
      }
    }

    /** Valid for as long as is configured. */
    public Wanted(DeviceId deviceId, Optional<String> profile) {
      this(deviceId, profile, Optional.empty(), List.of());
    }
  }

  /** A token, told once and kept only as a hash. */
  public record Grant(String deviceId, String token, Instant expires) {
    @Override
    public String toString() {
      return "Grant[" + deviceId + ", ***, " + expires + "]";
    }
  }

  /** A token that was found good: its id, the profile it is for, and the names that it gives. */
  public record Redeemable(UUID id, Profile profile, List<Name> names) {
    public Redeemable {
      names = List.copyOf(names);
    }
  }

  /**
   * Grants all or none.
   *
   * @param by who vouches for them
   * @throws RefusedException {@link Reason#PROFILE_UNKNOWN}, {@link Reason#NAME_NOT_GRANTED},
   *     {@link Reason#NAME_RESERVED}
   */
  public List<Grant> grant(List<Wanted> wanted, Actor by) {
    wanted.forEach(one -> one.profile().ifPresent(profiles::device));
    Instant now = clock.instant();
    return database.transact(
        tx -> {
          List<Grant> grants = new ArrayList<>();
          List<Entry> entries = new ArrayList<>();
          for (Wanted one : wanted) {
            Made made = grant(tx, one, now);
            grants.add(made.grant());
            entries.add(entry(made, by, now));
          }
          Audit.record(tx, entries);
          return grants;
        });
  }

  private record Made(UUID id, String profile, int withdrawn, List<Name> names, Grant grant) {}

  private static Entry entry(Made made, Actor by, Instant now) {
    Map<String, String> values = new HashMap<>();
    values.put("kind", "token");
    values.put("right", made.id().toString());
    values.put("profile", made.profile());
    values.put("expires", made.grant().expires().toString());
    values.put("withdrawn", String.valueOf(made.withdrawn()));
    if (!made.names().isEmpty()) {
      values.put("names", GrantedName.text(made.names()));
    }
    return Entry.of(now, Action.GRANT_MADE, by, "device:" + made.grant().deviceId(), values);
  }

  private Made grant(Handle tx, Wanted wanted, Instant now) {
    String id = wanted.deviceId().value();
    String profile = register(tx, wanted, now);
    GrantedName.require(wanted.names(), profiles.device(profile), wanted.deviceId());
    OneTimeToken token = OneTimeToken.random(random);
    Instant expires = now.plus(wanted.validity().orElse(validity)).truncatedTo(ChronoUnit.SECONDS);
    int withdrawn = withdraw(tx, id, now);
    UUID right = UUID.randomUUID();
    tx.execute(
        "insert into enrolment_token (id, device_id, profile, hash, created_at, expires_at, names)"
            + " values (?, ?, ?, ?, ?, ?, ?)",
        right,
        id,
        profile,
        token.hash(),
        Sql.utc(now),
        Sql.utc(expires),
        wanted.names().isEmpty() ? null : GrantedName.text(wanted.names()));
    return new Made(
        right, profile, withdrawn, wanted.names(), new Grant(id, token.text(), expires));
  }

  /**
   * Withdraws the device's unused tokens; a certificate that a token gave stays good.
   *
   * @param by the operator
   * @return how many were still open
   */
  public int withdraw(DeviceId deviceId, Actor by) {
    Instant now = clock.instant();
    int open = (int) rows(deviceId).stream().filter(row -> row.isOpen(now)).count();
    database.transact(
        tx -> {
          int withdrawn = withdraw(tx, deviceId.value(), now);
          Audit.record(
              tx,
              Entry.of(
                  now,
                  Action.GRANT_WITHDRAWN,
                  by,
                  "device:" + deviceId,
                  Map.of("kind", "token", "withdrawn", String.valueOf(withdrawn))));
          return withdrawn;
        });
    return open;
  }

  private static int withdraw(Handle tx, String deviceId, Instant now) {
    return tx.execute(
        "update enrolment_token set voided_at = ? where device_id = ? and voided_at is null",
        Sql.utc(now),
        deviceId);
  }

  /**
   * A token as operators see it.
   *
   * @param status open, used, withdrawn, or past its end
   * @param names that it gives, such as {@code dns:web-1.plant.example}
   */
  public record Known(String profile, String status, Instant expires, List<String> names) {
    public Known {
      names = List.copyOf(names);
    }
  }

  /** Every token that the device was granted, oldest first. */
  public List<Known> list(DeviceId deviceId) {
    Instant now = clock.instant();
    return rows(deviceId).stream()
        .map(
            row ->
                new Known(
                    row.profile(),
                    row.status(now),
                    row.expires(),
                    row.names().stream().map(Name::toString).toList()))
        .toList();
  }

  /** The names that the device's used tokens gave: its renewals keep them. */
  Set<Name> namesGiven(DeviceId deviceId) {
    return rows(deviceId).stream()
        .filter(Row::used)
        .flatMap(row -> row.names().stream())
        .collect(Collectors.toSet());
  }

  /** Makes the device known if it is not, and says which profile the grant is for. */
  private static String register(Handle tx, Wanted wanted, Instant now) {
    Optional<String> present =
        tx.createQuery("select profile from device where id = :id for update")
            .bind("id", wanted.deviceId().value())
            .mapTo(String.class)
            .findOne();
    String profile = wanted.profile().or(() -> present).orElse(Profiles.DEFAULT);
    if (present.isEmpty()) {
      tx.execute(
          "insert into device (id, profile, status, created_at) values (?, ?, 'granted', ?)",
          wanted.deviceId().value(),
          profile,
          Sql.utc(now));
    }
    return profile;
  }

  /**
   * Checks a token without using it up: the reservation of the certificate does that, and knows the
   * same request again.
   *
   * @throws RefusedException {@link Reason#TOKEN_WRONG}, {@link Reason#TOKEN_EXPIRED}
   */
  public Redeemable check(DeviceId deviceId, String text) {
    OneTimeToken presented = new OneTimeToken(text);
    Row row =
        rows(deviceId).stream()
            .filter(candidate -> presented.hasHash(candidate.hash()))
            .findFirst()
            .orElseThrow(() -> refusal(Reason.TOKEN_WRONG, deviceId, "is not one of its tokens"));
    if (!row.used() && !row.isOpen(clock.instant())) {
      throw refusal(
          Reason.TOKEN_EXPIRED,
          deviceId,
          row.withdrawn() == null
              ? "expired at " + row.expires()
              : "was withdrawn at " + row.withdrawn());
    }
    return new Redeemable(row.id(), profiles.device(row.profile()), row.names());
  }

  private record Row(
      UUID id,
      String profile,
      String hash,
      Instant expires,
      @Nullable Instant withdrawn,
      List<Name> names,
      boolean used) {

    boolean isOpen(Instant now) {
      return !used && withdrawn == null && now.isBefore(expires);
    }

    String status(Instant now) {
      if (used) {
        return "used";
      }
      return withdrawn != null ? "withdrawn" : isOpen(now) ? "open" : "expired";
    }
  }

  private List<Row> rows(DeviceId deviceId) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select t.id, t.profile, t.hash, t.expires_at, t.voided_at, t.names, exists"
                        + " (select 1 from certificate c where c.device_id = t.device_id and c.way"
                        + " = 'token' and c.right_ref = cast(t.id as varchar) and c.state <>"
                        + " 'abandoned') as used from enrolment_token t where t.device_id = :device"
                        + " order by t.created_at")
                .bind("device", deviceId.value())
                .map(
                    (row, context) ->
                        new Row(
                            row.getObject("id", UUID.class),
                            row.getString("profile"),
                            row.getString("hash"),
                            Sql.instant(row, "expires_at"),
                            Sql.instantOrNull(row, "voided_at"),
                            GrantedName.list(row.getString("names")),
                            row.getBoolean("used")))
                .list());
  }

  private static RefusedException refusal(Reason reason, DeviceId deviceId, String what) {
    return new RefusedException(
        reason,
        "the token presented for device " + deviceId + " " + what,
        "ask the operator for a new one: guardbee device grant " + deviceId);
  }
}
