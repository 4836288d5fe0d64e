package io.guardbee.service.crl;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.crl.RevocationList.Span;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.revocation.PublishedLists;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the lists of revoked certificates of both authorities: made anew before a revocation's
 * receipt, within seconds of any other change, and at half of their validity. A list is signed once
 * and for all replicas: the one that takes its number in the database has made it, the others take
 * it over when it is asked for. To read one costs one row of the database. Thread-safe.
 *
 * <p>Each key that an authority has had signs a list of its own, since a relying party judges a
 * certificate by the list of the key that signed it; all of a role have the same number and
 * entries.
 */
public final class RevocationLists implements PublishedLists, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RevocationLists.class);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Another replica takes a number at the same time: then it is tried again. */
  private static final Duration AGAIN = Duration.ofMillis(10);

  private final Authorities authorities;
  private final ListStore store;
  private final EventLog log;
  private final Duration validity;
  private final Clock clock;
  private final ListProgress progress = new ListProgress();
  private final AtomicBoolean requested = new AtomicBoolean();
  private final ListPace pace = new ListPace();
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(RevocationLists::thread);
  private volatile Map<String, RevocationList> inForce = Map.of();

  /** The last read of the database failed: requests get the known list without another one. */
  private volatile boolean databaseAway;

  private String complaint = "";
  private @Nullable ScheduledFuture<?> looking;

  private RevocationLists(
      Authorities authorities, Database database, EventLog log, Duration validity, Clock clock) {
    this.authorities = authorities;
    this.store = new ListStore(database);
    this.log = log;
    this.validity = validity;
    this.clock = clock;
  }

  /**
   * Starts to keep them; the lists are there when this returns, unless database or module fail.
   *
   * @param validity from a list's issue to its nextUpdate
   */
  public static RevocationLists open(
      Authorities authorities, Database database, EventLog log, Duration validity, Clock clock) {
    RevocationLists lists = new RevocationLists(authorities, database, log, validity, clock);
    lists.look();
    lists.looking =
        lists.schedule.scheduleWithFixedDelay(
            lists::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    return lists;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "revocation-lists");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * The list that tells of what this authority signed. That of a predecessor whose key is gone is
   * its successor's: it has the same name and entries (RFC 5280 §6.3.3 f asks for no more, though
   * some programs do).
   *
   * @param role the authority's
   * @param name as {@link Authority#name}
   * @return empty as long as none could be made
   */
  public Optional<RevocationList> of(String role, String name) {
    boolean signs = authorities.all(role).stream().anyMatch(one -> one.name().equals(name));
    String signer = signs ? name : authorities.byRole(role).name();
    takeOver(signer);
    return Optional.ofNullable(inForce.get(signer));
  }

  /** What another replica has published since the last look; its receipt may be out already. */
  private void takeOver(String signer) {
    if (databaseAway) {
      return;
    }
    try {
      store.span(signer).ifPresent(span -> load(Map.of(signer, span)));
    } catch (RefusedException e) {
      databaseAway = true;
      LOG.debug("the list of {} is given as it is known here: {}", signer, e.line());
    }
  }

  @Override
  public boolean await(long event, Duration patience) throws InterruptedException {
    return progress.await(event, patience, () -> request(Duration.ZERO));
  }

  /** Many requests are one look. */
  private void request(Duration delay) {
    if (requested.compareAndSet(false, true)) {
      try {
        ScheduledFuture<?> unused =
            schedule.schedule(
                () -> {
                  requested.set(false);
                  look();
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("the service is ending: the lists stay as they are");
      }
    }
  }

  private void look() {
    try {
      refresh();
      complaint = "";
      if (progress.isWanted()) {
        request(AGAIN.plus(pace.left()));
      }
    } catch (RefusedException e) {
      complain(e.line());
    } catch (RuntimeException e) { // a failure must not end the repetition
      complain(e.toString());
    }
  }

  /** Each complaint once, not every second. */
  private void complain(String what) {
    progress.failed();
    if (!what.equals(complaint)) {
      complaint = what;
      LOG.error("the lists of revoked certificates stay as they are: {}", what);
    }
  }

  private void refresh() {
    Map<String, Span> known = spans();
    long event = log.lastEvent(); // after the spans: none of them knows of a later one
    boolean made = false;
    for (String role : AuthorityFiles.ROLES) {
      if (isDue(role, known, event) && pace.isRested(role)) {
        make(role, event);
        made = true;
      }
    }
    load(made ? store.spans() : known);
    progress.reached(covered());
  }

  private Map<String, Span> spans() {
    try {
      Map<String, Span> spans = store.spans();
      databaseAway = false;
      return spans;
    } catch (RefusedException e) {
      databaseAway = true;
      throw e;
    }
  }

  /** Up to which event every list in force tells. */
  private long covered() {
    return AuthorityFiles.ROLES.stream()
        .flatMap(role -> authorities.all(role).stream())
        .map(authority -> inForce.get(authority.name()))
        .mapToLong(list -> list == null ? -1 : list.span().event())
        .min()
        .orElse(-1);
  }

  private boolean isDue(String role, Map<String, Span> known, long event) {
    Instant now = clock.instant();
    for (Authority authority : authorities.all(role)) {
      Span span = known.get(authority.name());
      if (span == null
          || span.event() != event
          || !now.isBefore(span.thisUpdate().plus(validity.dividedBy(2)))) {
        return true;
      }
    }
    return false;
  }

  private void make(String role, long event) {
    long start = System.nanoTime();
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    // RFC 5280 §3.3: an entry leaves only after a list from beyond its certificate's end
    ListStore.Content content = store.content(role, now.minus(validity));
    Span span = new Span(content.last() + 1, now, now.plus(validity), event);
    List<RevocationList> lists =
        authorities.all(role).stream()
            .map(authority -> new ListDraft(authority, span).signed(content.entries()))
            .toList();
    boolean first = store.replace(role, content.last(), lists);
    long took = System.nanoTime() - start;
    pace.made(role, start, took);
    if (first) {
      LOG.info(
          "list {} of {}: {} revoked certificates, {} ms",
          span.number(),
          role,
          content.entries().size(),
          Duration.ofNanos(took).toMillis());
    }
  }

  private synchronized void load(Map<String, Span> known) {
    Map<String, RevocationList> now = new HashMap<>(inForce);
    for (String role : AuthorityFiles.ROLES) {
      for (Authority authority : authorities.all(role)) {
        String name = authority.name();
        RevocationList here = now.get(name);
        Span there = known.get(name);
        if (there != null && (here == null || !here.span().equals(there))) {
          store.load(name).ifPresent(list -> now.put(name, list));
        }
      }
    }
    inForce = Map.copyOf(now);
  }

  @Override
  public void close() {
    if (looking != null) {
      looking.cancel(false);
    }
    schedule.shutdown();
    try {
      // a module that is in use must not be closed
      if (!schedule.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("the signing of a list of revoked certificates does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
