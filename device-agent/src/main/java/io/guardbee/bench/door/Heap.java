package io.guardbee.bench.door;

import io.guardbee.bench.broker.Contender;
import java.io.IOException;
import java.util.List;

/** What a connection holds of the broker's heap, with the door and without. */
final class Heap {

  private static final int LOOKS = 3;
  private static final int PART = 10;

  private Heap() {}

  static List<Figure> measure(Stage stage) throws Exception {
    List<Member> devices = stage.crowd();
    stage.say("counting the heap of " + devices.size() + " connections, with the door");
    double guarded = each(stage.guarded(), devices);
    stage.say("counting the heap of as many, without it");
    double open = each(stage.permitAll(), devices);
    return List.of(
        Figure.of(
            "addedOctets",
            guarded - open,
            "octets of heap for a live connection that the door adds, of %,d connections: %,.0f with"
                + " it, %,.0f with a permit-all extension",
            devices.size(),
            guarded,
            open),
        Figure.of("ratio", guarded / open, "the same as a ratio"));
  }

  /** From a tenth of them on: what a broker makes once, at its first connections, is left out. */
  private static double each(Contender broker, List<Member> devices) throws Exception {
    int some = devices.size() / PART;
    try (Crowd first = Crowd.open(broker, devices.subList(0, some))) {
      long before = reachable(broker.process());
      try (Crowd rest = Crowd.open(broker, devices.subList(some, devices.size()))) {
        long with = reachable(broker.process());
        if (first.alive() + rest.alive() < devices.size()) {
          throw new IOException(broker.name() + " lost connections meanwhile");
        }
        return (double) (with - before) / (devices.size() - some);
      }
    }
  }

  /** The least of several counts: what is still on its way out is no part of it. */
  private static long reachable(ProcessHandle process) throws IOException, InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < LOOKS; i++) {
      least = Math.min(least, histogramTotal(process));
    }
    return least;
  }

  /** {@code jcmd} collects all garbage first; the last line is {@code Total objects octets}. */
  private static long histogramTotal(ProcessHandle process)
      throws IOException, InterruptedException {
    String text = Jcmd.run(process, "GC.class_histogram");
    return text.lines()
        .filter(line -> line.startsWith("Total"))
        .map(line -> line.trim().split("\\s+", -1))
        .mapToLong(words -> Long.parseLong(words[2]))
        .findFirst()
        .orElseThrow(() -> new IOException("jcmd gave no histogram"));
  }
}
