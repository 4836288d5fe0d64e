package io.guardbee.service.installation;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the keys and certificates in the home good while the service runs. Whatever fails then is
 * logged, and what is there stays there.
 */
public final class HomeCredentials implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HomeCredentials.class);
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final List<HomeCredential> all;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(HomeCredentials::thread);
  private @Nullable ScheduledFuture<?> checking;
  private String complaint = "";

  HomeCredentials(List<HomeCredential> all) {
    this.all = List.copyOf(all);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "home-credentials");
    thread.setDaemon(true);
    return thread;
  }

  /** Makes what is missing, revoked or out of its profile; then looks every few seconds. */
  void open() throws IOException {
    try {
      for (HomeCredential one : all) {
        one.provide();
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    checking =
        schedule.scheduleWithFixedDelay(
            this::check, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void check() {
    try {
      for (HomeCredential one : all) {
        one.renew();
      }
      complaint = "";
    } catch (RefusedException e) {
      complain(e.line());
    } catch (IOException | RuntimeException e) { // a failure must not end the repetition
      complain(e.toString());
    }
  }

  /** Each complaint once, not every few seconds. */
  private void complain(String what) {
    if (!what.equals(complaint)) {
      complaint = what;
      LOG.error("certificates in the home are not renewed: {}", Quoted.line(what));
    }
  }

  @Override
  public void close() {
    if (checking != null) {
      checking.cancel(false);
    }
    schedule.shutdown();
    try {
      if (!schedule.awaitTermination(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the check of the home's certificates does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
