package io.guardbee.broker.status;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.Backoff;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
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
  private static final Duration KEEP_ENDED = Duration.ofDays(1);

  private final StatusIndex index = new StatusIndex();
  private final FeedConnection connection;
  private final Acknowledger acknowledger;
  private final Backoff backoff;
  private final Clock clock;
  private final ExecutorService threads;
  private volatile @Nullable InputStream stream;
  private volatile long lastLine;
  private volatile boolean resync;
  private final CountDownLatch firstTry = new CountDownLatch(1);

  /**
   * Reads what is on disk; connects only when started.
   *
   * @param folder where the status is kept, made when missing
   * @param threads makes the threads, with the class loader they need
   */
  public StatusFeed(BrokerConfig config, Path folder, Clock clock, ThreadFactory threads) {
    this.clock = clock;
    this.threads = Executors.newCachedThreadPool(threads);
    Executor httpThreads = this.threads;
    this.connection = FeedConnection.of(config, httpThreads);
    this.backoff =
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault());
    StatusStore store = new StatusStore(folder);
    store.load(index);
    Duration tenth = config.maxStaleness().dividedBy(10);
    this.acknowledger =
        new Acknowledger(
            () -> {
              index.forgetEndedBefore(clock.instant().minus(KEEP_ENDED));
              store.save(index);
            },
            connection::acknowledge,
            backoff,
            tenth.compareTo(SAVE_EVERY) < 0 ? tenth : SAVE_EVERY);
  }

  public StatusIndex index() {
    return index;
  }

  /** Has the next connection tell the whole status: something that was told is lost. */
  public void askForAll() {
    resync = true;
  }

  /** Begins to follow. */
  public void start(Evictor evictor, Instructions instructions) {
    StatusFollower follower = new StatusFollower(index, evictor, instructions, acknowledger, clock);
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

  /** Ends a stream that no line came from for too long; to be called about every second. */
  public void watch() {
    InputStream open = stream;
    if (open != null && System.nanoTime() - lastLine > DEAD.toNanos()) {
      LOG.warn("status feed of {} is silent: connecting anew", connection.service());
      closeQuietly(open);
    }
  }

  private void follow(StatusFollower follower) {
    int failures = 0;
    while (!threads.isShutdown()) {
      try {
        long before = index.event();
        boolean heard = readStream(follower);
        failures = heard || index.event() != before ? 0 : failures + 1;
        LOG.warn("status feed of {} ended: connecting anew", connection.service());
      } catch (IOException | RuntimeException e) {
        failures++;
        // a line that cannot be applied leaves doubt about all before it
        resync |= e instanceof RuntimeException;
        if (!threads.isShutdown()) {
          LOG.warn("status feed of {} failed: {}", connection.service(), e.toString());
        }
        connection.next();
      } catch (InterruptedException e) {
        return;
      }
      firstTry.countDown();
      try {
        backoff.rest(failures);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Reads until the stream ends; whether any line came. */
  private boolean readStream(StatusFollower follower) throws IOException, InterruptedException {
    boolean heard = false;
    follower.begin();
    boolean whole = resync || !index.isKnown();
    try (InputStream body = connection.open(whole ? "" : index.feed(), whole ? 0 : index.event());
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      lastLine = System.nanoTime();
      stream = body;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        lastLine = System.nanoTime();
        if (!heard) {
          LOG.info("following the status feed of {}", connection.service());
        }
        if (!line.isBlank()) {
          follower.accept(FeedLine.parse(line));
          heard = true;
          resync = false;
          if (index.isKnown()) {
            firstTry.countDown();
          }
        }
      }
    } finally {
      stream = null;
    }
    return heard;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    InputStream open = stream;
    if (open != null) {
      closeQuietly(open);
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
