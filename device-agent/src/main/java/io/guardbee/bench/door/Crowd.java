package io.guardbee.bench.door;

import com.sun.management.UnixOperatingSystemMXBean;
import io.guardbee.bench.broker.Contender;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Many devices that are connected and silent. */
final class Crowd implements AutoCloseable {

  private static final int THREADS = 4;
  private static final int OTHER_FILES = 1000;

  private final List<Link> links;

  private Crowd(List<Link> links) {
    this.links = links;
  }

  /** Connects them all. */
  static Crowd open(Contender broker, List<Member> devices)
      throws IOException, InterruptedException {
    checkFiles(devices.size());
    return new Crowd(
        inParallel(
            devices,
            device -> Link.open(device, broker.address(), Packets.connect(device.id().value()))));
  }

  private static void checkFiles(int connections) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      long most = unix.getMaxFileDescriptorCount();
      if (most < connections + OTHER_FILES) {
        throw new RefusedException(
            Reason.CONFIGURATION_INVALID,
            "this shell allows "
                + most
                + " open files, too few for "
                + connections
                + " connections",
            "ulimit -n " + (connections + OTHER_FILES) + ", or --live with less");
      }
    }
  }

  /** How many of them still get an answer. */
  int alive() throws IOException, InterruptedException {
    return (int) inParallel(links, Crowd::answers).stream().filter(answered -> answered).count();
  }

  private static boolean answers(Link link) {
    try {
      link.send(Packets.PINGREQ);
      link.receive();
      return true;
    } catch (IOException e) {
      return false; // its connection has ended
    }
  }

  private interface Step<T, R> {
    R apply(T item) throws IOException;
  }

  private static <T, R> List<R> inParallel(List<T> items, Step<T, R> step)
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<List<R>>> parts =
          IntStream.range(0, THREADS)
              .<Callable<List<R>>>mapToObj(part -> () -> part(items, part, step))
              .toList();
      List<R> results = new ArrayList<>();
      for (Future<List<R>> part : threads.invokeAll(parts)) {
        results.addAll(part.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException("a connection of the crowd failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T, R> List<R> part(List<T> items, int part, Step<T, R> step) throws IOException {
    List<R> results = new ArrayList<>();
    for (int i = part; i < items.size(); i += THREADS) {
      results.add(step.apply(items.get(i)));
    }
    return results;
  }

  @Override
  public void close() {
    for (Link link : links) {
      try {
        link.close();
      } catch (IOException e) {
        // gone already
      }
    }
  }
}
