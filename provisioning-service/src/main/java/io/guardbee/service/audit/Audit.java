package io.guardbee.service.audit;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.config.Config;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log. An entry is written in the transaction of what it tells, so it is there exactly if
 * that happened; it gets its number, its hash and the module's signature soon after, beside the
 * road. Thread-safe.
 */
public final class Audit implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final Duration EACH = Duration.ofMillis(250);
  private static final int LARGEST_BATCH = 1000;

  private final Database database;
  private final Clock clock;
  private final Sealer sealer;
  private final HeadFile file;
  private final Refusals refusals;
  private final ScheduledExecutorService rounds;
  private boolean failing;

  /**
   * Starts to seal.
   *
   * @param file where the newest signed head is kept outside of the database
   */
  public Audit(Database database, Authorities authorities, HeadFile file, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.sealer = new Sealer(database, authorities, clock);
    this.file = file;
    this.refusals = new Refusals(clock);
    this.rounds =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "audit");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        rounds.scheduleWithFixedDelay(
            () -> round(false), EACH.toMillis(), EACH.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Records one change in the transaction that makes it. */
  public static void record(Handle tx, Entry entry) {
    record(tx, List.of(entry));
  }

  /** Records many changes in the transaction that makes them. */
  public static void record(Handle tx, List<Entry> entries) {
    for (int from = 0; from < entries.size(); from += LARGEST_BATCH) {
      PreparedBatch rows = tx.prepareBatch("insert into audit_pending (body) values (?)");
      entries
          .subList(from, Math.min(entries.size(), from + LARGEST_BATCH))
          .forEach(entry -> rows.add(entry.body()));
      rows.execute();
    }
  }

  /**
   * Who was refused.
   *
   * @param subject what it asked for, such as {@code POST /v1/devices/d-1/grants}
   * @param address null where it is not known
   */
  public record Refused(Actor actor, String subject, @Nullable String address) {}

  /**
   * Records a refusal, if it was a decision, as far as the bound on them allows. Does not wait for
   * the database: what was refused in the last instants before a crash may be missing.
   */
  public void refused(RefusedException cause, Refused who) {
    if (Refusals.isDecision(cause.reason())) {
      Map<String, String> values =
          Map.of("reason", cause.reason().toString(), "detail", cause.detail());
      refusals.add(
          cause.reason(),
          new Entry(
              clock.instant(),
              Action.REQUEST_REFUSED,
              who.actor(),
              who.subject(),
              new TreeMap<>(values),
              who.address()));
    }
  }

  /** Records what has changed since the service ran before: its settings, and ceremonies. */
  public void started(Config config, List<HeldCeremony> ceremonies) {
    Instant now = clock.instant();
    database.transact(
        tx -> {
          new SinceLastStart(tx, now).record(config, ceremonies);
          return true;
        });
  }

  /** The lines after that number, in order; each is what is hashed, but for its line feed. */
  public List<String> after(long number, int limit) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select line from audit_entry where number > :number order by number"
                        + " limit :limit")
                .bind("number", number)
                .bind("limit", limit)
                .mapTo(String.class)
                .list());
  }

  /**
   * How far the log is signed.
   *
   * @param head empty while nothing has been signed
   * @param waiting entries that wait because sealing fails
   */
  public record State(Optional<SignedHead> head, long waiting) {}

  /** How far it is signed by now, all that was recorded before the call included if that can be. */
  public State state() {
    boolean sealed = round(false);
    return database.transact(
        tx ->
            new State(
                tx.createQuery("select line from audit_head where id = 1")
                    .mapTo(String.class)
                    .findOne()
                    .flatMap(SignedHead::parse),
                sealed ? 0 : waiting(tx)));
  }

  private static long waiting(Handle tx) {
    return tx.createQuery("select count(*) from audit_pending").mapTo(Long.class).one();
  }

  /** A failure is logged once, not four times a second; what waits is sealed when it is over. */
  private synchronized boolean round(boolean last) {
    try {
      List<Entry> told = refusals.take(last);
      if (!told.isEmpty()) {
        database.transact(
            tx -> {
              record(tx, told);
              return true;
            });
      }
      sealer.seal().ifPresent(head -> file.keep(head, last));
      failing = false;
      return true;
    } catch (RuntimeException e) {
      if (!failing) {
        LOG.warn("the audit log is not sealed, its entries wait: {}", e.getMessage());
      }
      failing = true;
      return false;
    }
  }

  /** Seals what is there. */
  @Override
  public void close() {
    rounds.shutdown(); // no interrupt: H2 closes its file when one comes while it writes
    boolean unused = round(true);
  }
}
