package io.guardbee.broker.run;

import io.guardbee.broker.GuardbeeExtension;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Says where the broker listens and when it admits devices: a broker without a usable status
 * refuses every one, so it is not ready.
 *
 * @param services where the status is to come from
 */
record Announcement(PrintWriter out, Listener listener, String services) {

  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

  /** Says it now; without a status, says that now and the rest when there is one. */
  void make() {
    if (listener.wss() != null) {
      say("MQTT over WebSocket on wss://localhost:" + listener.wss() + "/mqtt");
    }
    if (isServing()) {
      ready();
      return;
    }
    say(
        "broker listens on "
            + address()
            + " and waits for a usable status from "
            + services
            + ": no device is admitted");
    Thread waiting = new Thread(this::awaitServing, "announcement");
    waiting.setDaemon(true);
    waiting.start();
  }

  private void awaitServing() {
    while (!isServing()) {
      LockSupport.parkNanos(PAUSE);
    }
    ready();
  }

  private static boolean isServing() {
    return Boolean.getBoolean(GuardbeeExtension.SERVING);
  }

  private String address() {
    return "ssl://localhost:" + listener.port();
  }

  private void ready() {
    say("broker is ready on " + address());
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}
