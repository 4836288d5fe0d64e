package io.guardbee.broker.status;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.Backoff;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the service's status feed for as long as it is open: reconnects, notices a dead stream,
 * keeps the index, the file and the service's picture of this node up to date.
 */
public final class StatusFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StatusFeed.class);
  private static final Duration DEAD = Duration.ofSeconds(10);
  private static final Duration SAVE_EVERY = Duration.ofSeconds(10);

  /** A stream that lived for less is a failure: the next try is not made at once. */
  private static final Duration STEADY = Duration.ofSeconds(5);

  /** Octets of a line: a policy of a MiB, all of it escaped, or a thousand certificates. */
  private static final int LONGEST_LINE = 8 << 20;

  private static final int JOURNAL_ROOM = 1 << 20;
  private static final int NONCE_OCTETS = 16;

  private final StatusIndex index;
  private final FeedConnection connection;
  private final StatusStore store;
  private final Acknowledger acknowledger;
  private final Backoff backoff;
  private final FeedApproval approval;
  private final SecureRandom random = new SecureRandom();
  private final Clock clock;
  private final ExecutorService threads;
  private String complaint = ""; // of the thread that follows
  private volatile @Nullable InputStream stream;
  private volatile long lastLine;
  private volatile boolean resync;
  private volatile LongSupplier policyTold;
  private final CountDownLatch firstTry = new CountDownLatch(1);

  /**
   * Reads what is on disk; connects only when started.
   *
   * @param identity who this node is towards the service
   * @param folder where the status is kept, made when missing
   * @param threads makes the threads, with the class loader they need
   */
  public StatusFeed(
      BrokerConfig config, NodeIdentity identity, Path folder, Clock clock, ThreadFactory threads) {
    this.clock = clock;
    this.threads = Executors.newCachedThreadPool(threads);
    this.approval = new FeedApproval(folder);
    this.index = new StatusIndex(random, RestoreState.in(folder));
    Executor here = Runnable::run; // by the client's own thread: each change of threads takes time
    this.connection = FeedConnection.of(config, identity, here);
    this.backoff =
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault());
    this.store = new StatusStore(folder, this.threads, random, JOURNAL_ROOM);
    store.load(index);
    this.policyTold = store::acknowledgedPolicy;
    index.sweepAll(clock.instant());
    Duration tenth = config.maxStaleness().dividedBy(10);
    this.acknowledger =
        new Acknowledger(
            this::save,
            connection::acknowledge,
            PendingDeletions.in(folder),
            backoff,
            tenth.compareTo(SAVE_EVERY) < 0 ? tenth : SAVE_EVERY);
    this.resync = acknowledger.isAllPending();
  }

  public StatusIndex index() {
    return index;
  }

  /**
   * The version of the service's policy that this node has acknowledged; 0 for none. A node that
   * has none on disk nevertheless has lost it.
   */
  public long acknowledgedPolicy() {
    return store.acknowledgedPolicy();
  }

  private void save(StatusIndex.State state, List<Change> changes, long event) throws IOException {
    var told = new AcknowledgedEnd.Told(policyTold.getAsLong(), index.restore().fingerprint());
    store.save(new StatusStore.Batch(state, changes, event, index.contact(), told));
  }

  /** Has the next connection tell the whole status: something that was told is lost. */
  public void askForAll() {
    resync = true;
  }

  /** The last event that the service knows to be in force here; 0 before it was told. */
  public long acknowledged() {
    return acknowledger.acknowledged();
  }

  /**
   * Begins to follow.
   *
   * @param signers who may sign what is followed
   */
  public void start(Evictor evictor, Instructions instructions, FeedSigners signers) {
    StatusFollower follower =
        new StatusFollower(
            index,
            new StatusFollower.Ends(evictor, instructions, signers),
            approval,
            acknowledger,
            clock);
    policyTold = instructions::policyTold;
    acknowledger.resume(evictor);
    threads.execute(acknowledger);
    threads.execute(() -> follow(follower));
  }

  /**
   * Waits until the first try to reach the service has succeeded or failed: a door that opens after
   * that does not let in who was revoked while this node was down.
   */
  public void awaitFirstTry(Duration longest) {
    try {
      if (!firstTry.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} does not answer yet", connection.service());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * To be called about every second: ends a stream that no line came from for too long, forgets
   * certificates that have ended.
   */
  public void watch() {
    index.sweep(clock.instant());
    InputStream open = stream;
    if (open != null && System.nanoTime() - lastLine > DEAD.toNanos()) {
      LOG.warn("status feed of {} is silent: connecting anew", connection.service());
      closeQuietly(open);
    }
  }

  /** Once for as long as it is the same; a peer is tried again every few seconds. */
  private void complain(String refusal) {
    if (!refusal.equals(complaint)) {
      complaint = refusal;
      LOG.error(
          "status feed of {} is refused, what is in force stays: {}",
          connection.service(),
          refusal);
    }
  }

  private void follow(StatusFollower follower) {
    int failures = 0;
    while (!threads.isShutdown()) {
      long begin = System.nanoTime();
      try {
        readStream(follower);
        complaint = "";
        LOG.warn("status feed of {} ended: connecting anew", connection.service());
      } catch (RefusedException e) {
        index.refused(e.detail());
        complain(e.line());
        connection.next();
      } catch (IOException | RuntimeException e) {
        // a line that cannot be applied leaves doubt about all before it
        resync |= e instanceof RuntimeException || e instanceof CharacterCodingException;
        if (!threads.isShutdown()) {
          LOG.warn("status feed of {} failed: {}", connection.service(), e.toString());
        }
        connection.next();
      } catch (InterruptedException e) {
        return;
      }
      resync |= follower.isLacking();
      firstTry.countDown();
      try {
        failures = System.nanoTime() - begin > STEADY.toNanos() ? 0 : failures + 1;
        backoff.rest(failures);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Reads until the stream ends. */
  private void readStream(StatusFollower follower) throws IOException, InterruptedException {
    boolean whole = resync || !index.isKnown() || approval.isRefused(index.feed());
    String nonce = nonce();
    follower.begin(new StreamHead.Ask(connection.node(), nonce, whole));
    try (InputStream body =
        connection.open(whole ? "" : index.feed(), whole ? 0 : index.event(), nonce)) {
      lastLine = System.nanoTime();
      stream = body;
      LOG.info("following the status feed of {}", connection.service());
      LineReader lines = new LineReader(body, LONGEST_LINE);
      for (String line = lines.next(); line != null; line = lines.next()) {
        lastLine = System.nanoTime();
        if (!line.isBlank()) {
          follower.accept(line);
          whole = isStillAwaited(whole, follower);
        }
      }
    } finally {
      stream = null;
    }
  }

  private String nonce() {
    byte[] octets = new byte[NONCE_OCTETS];
    random.nextBytes(octets);
    return HexFormat.of().formatHex(octets);
  }

  /** Whether the whole status was asked for by this stream and is not yet there. */
  private boolean isStillAwaited(boolean whole, StatusFollower follower) {
    if (!follower.isFollowing()) {
      return true;
    }
    if (whole) {
      resync = false; // asked for anew meanwhile, it is for the next stream
    }
    firstTry.countDown();
    return false;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    InputStream open = stream;
    if (open != null) {
      closeQuietly(open);
    }
    try {
      // whoever comes next writes the same files
      if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.warn("the status feed takes long to end");
      }
      store.close();
    } catch (IOException e) {
      LOG.debug("closing the status on disk", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(InputStream open) {
    try {
      open.close();
    } catch (IOException e) {
      LOG.debug("closing the status feed", e);
    }
  }
}
