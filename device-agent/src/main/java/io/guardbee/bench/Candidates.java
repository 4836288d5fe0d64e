package io.guardbee.bench;

import io.guardbee.launch.Guardbee;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Devices that wait for their certificate, made before any clock runs. Thread-safe. */
final class Candidates {

  private static final int ROWS = 50_000;

  private final Guardbee guardbee;
  private final ConcurrentLinkedQueue<Candidate> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger enrolled = new AtomicInteger();
  private int batches;

  Candidates(Guardbee guardbee) {
    this.guardbee = guardbee;
  }

  /** Makes more until so many wait. */
  void stock(int wanted) throws IOException {
    int missing = wanted - left.get();
    while (missing > 0) {
      int some = Math.min(missing, ROWS);
      List<Candidate> made = Fleet.candidates(guardbee, "b" + ++batches, some);
      waiting.addAll(made);
      left.addAndGet(some);
      missing -= some;
    }
  }

  /** The next one, for a certificate; none when all are used up. */
  @Nullable Candidate next() {
    Candidate next = waiting.poll();
    if (next != null) {
      left.decrementAndGet(); // a concurrent queue counts itself by walking
      enrolled.incrementAndGet();
    }
    return next;
  }

  /** How many certificates there are. */
  int enrolled() {
    return enrolled.get();
  }

  /** Enrols others by the factory's stream until there are so many certificates. */
  void growTo(int certificates) throws IOException {
    while (enrolled.get() < certificates) {
      int some = Math.min(certificates - enrolled.get(), ROWS);
      Path rows = guardbee.home().resolve("bench-rows.ndjson");
      String prefix = "g" + ++batches + "-";
      List<String> lines =
          IntStream.range(0, some).parallel().mapToObj(i -> row(prefix + i)).toList();
      try (BufferedWriter writer = Files.newBufferedWriter(rows)) {
        for (String line : lines) {
          writer.write(line);
          writer.newLine();
        }
      }
      Path results = guardbee.home().resolve("bench-results.ndjson");
      Guardbee.Result result =
          guardbee.run("factory", "enroll", "--csrs", rows.toString(), "--out", results.toString());
      if (result.exitCode() != 0) {
        throw new RefusedException(
            Reason.INTERNAL, "factory enroll: " + result.complaint(), "run it by hand");
      }
      Files.delete(results);
      enrolled.addAndGet(some);
    }
  }

  private static String row(String id) {
    return "{\"deviceId\":\"" + id + "\",\"csr\":\"" + Candidate.request(id) + "\"}";
  }
}
