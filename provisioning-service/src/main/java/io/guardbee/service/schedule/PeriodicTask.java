package io.guardbee.service.schedule;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats some work on a thread of its own. A failure does not end the repetition, and is logged
 * once until the work succeeds or fails in another way. The thread is never interrupted: H2 closes
 * its file when a thread is interrupted that reads or writes it. Thread-safe.
 */
public final class PeriodicTask implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);
  private static final Duration LONGEST_RUN = Duration.ofSeconds(5); // waited for at the end

  private final Settings settings;
  private final Work work;
  private final ScheduledExecutorService thread;
  private String complaint = "";

  /**
   * How the work is repeated.
   *
   * @param name of the thread
   * @param every from the end of one run to the start of the next
   * @param failure what a failed run means, for the log
   */
  public record Settings(String name, Duration every, String failure) {}

  /** One run of it. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  private PeriodicTask(Settings settings, Work work) {
    this.settings = settings;
    this.work = work;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, settings.name());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts; the first run comes after one interval. */
  public static PeriodicTask start(Settings settings, Work work) {
    PeriodicTask task = new PeriodicTask(settings, work);
    long every = settings.every().toMillis();
    ScheduledFuture<?> unused =
        task.thread.scheduleWithFixedDelay(task::run, every, every, TimeUnit.MILLISECONDS);
    return task;
  }

  private void run() {
    try {
      work.run();
      complaint = "";
    } catch (RefusedException e) {
      complain(e.line(), null);
    } catch (IOException e) {
      complain(e.toString(), null);
    } catch (RuntimeException e) { // a defect must not end the repetition
      complain(e.toString(), e);
    }
  }

  private void complain(String what, @Nullable RuntimeException defect) {
    if (!what.equals(complaint)) {
      complaint = what;
      LOG.error("{}: {}", settings.failure(), Quoted.line(what), defect);
    }
  }

  /** Waits for a run under way: what it uses is closed next. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LONGEST_RUN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} does not end", settings.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
