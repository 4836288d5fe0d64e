package io.guardbee.bench;

import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.Enrolments.Member;
import io.guardbee.bench.measure.Timings;
import io.guardbee.probe.Probe;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How long a revoked device stays connected, beside how long one message takes. */
final class Revocations implements AutoCloseable {

  private static final int END_MILLIS = 30_000;
  private static final int ROUND_TRIPS_EACH = 5;

  private final URI broker;
  private final ServerTrust trust;
  private final Operator operator;
  private final InstantSource clock;
  private final ExecutorService watcher = Executors.newSingleThreadExecutor();

  /** What was measured, in nanoseconds. */
  record Measured(Timings cutOff, Timings roundTrip) {}

  Revocations(URI broker, ServerTrust trust, Operator operator, InstantSource clock) {
    this.broker = broker;
    this.trust = trust;
    this.operator = operator;
    this.clock = clock;
  }

  /**
   * Connects all devices, revokes one after the other and times message round trips of another
   * device in between.
   */
  Measured run(List<Member> devices, Member other) throws IOException, InterruptedException {
    List<Probe> connections = new ArrayList<>();
    List<Long> cutOff = new ArrayList<>();
    List<Long> roundTrip = new ArrayList<>();
    try (Probe messenger = connect(other)) {
      for (Member device : devices) {
        connections.add(connect(device));
      }
      for (int i = 0; i < devices.size(); i++) {
        cutOff.add(revoke(devices.get(i), connections.get(i)));
        for (int n = 0; n < ROUND_TRIPS_EACH; n++) {
          roundTrip.add(roundTrip(messenger, other));
        }
      }
    } finally {
      for (Probe connection : connections) {
        connection.close();
      }
    }
    return new Measured(new Timings(cutOff), new Timings(roundTrip));
  }

  private Probe connect(Member device) throws IOException {
    Probe probe = Probe.open(trust.broker(device.identity()), broker, clock.millis());
    int code = probe.connect(device.id().value());
    if (code != 0) {
      probe.close();
      throw new IOException(device.id() + " was not let in: " + code);
    }
    return probe;
  }

  private long revoke(Member device, Probe connection) throws IOException, InterruptedException {
    Future<Long> end =
        watcher.submit(
            () -> {
              connection.awaitEnd(END_MILLIS);
              return System.nanoTime();
            });
    long start = System.nanoTime();
    operator.revoke(device.id());
    try {
      return end.get() - start;
    } catch (ExecutionException e) {
      throw new IOException("the connection of " + device.id() + " did not end", e.getCause());
    }
  }

  private static long roundTrip(Probe messenger, Member device) throws IOException {
    long start = System.nanoTime();
    int code = messenger.publish("devices/" + device.id() + "/telemetry/bench", "21.5");
    if (code >= 0x80) {
      throw new IOException("publish refused: " + code);
    }
    return System.nanoTime() - start;
  }

  @Override
  public void close() {
    watcher.shutdownNow();
  }
}
