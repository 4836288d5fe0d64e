package io.guardbee.service.installation;

import io.guardbee.service.schedule.PeriodicTask;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Keeps the keys and certificates in the home good while the service runs. Whatever fails then is
 * logged, and what is there stays there.
 */
public final class HomeCredentials implements AutoCloseable {

  private static final PeriodicTask.Settings SETTINGS =
      new PeriodicTask.Settings(
          "home-credentials", Duration.ofSeconds(5), "certificates in the home are not renewed");

  private final List<HomeCredential> all;
  private final PeriodicTask task;

  private HomeCredentials(List<HomeCredential> all) {
    this.all = all;
    this.task = PeriodicTask.start(SETTINGS, this::renew);
  }

  /** Makes what is missing, revoked or out of its profile; then looks every few seconds. */
  static HomeCredentials open(List<HomeCredential> all) throws IOException {
    for (HomeCredential one : all) {
      one.provide();
    }
    return new HomeCredentials(List.copyOf(all));
  }

  private void renew() throws IOException {
    for (HomeCredential one : all) {
      one.renew();
    }
  }

  @Override
  public void close() {
    task.close();
  }
}
