package io.guardbee.broker.bench;

import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.ManyBlocked;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Identity;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The check at a CONNECT with many revoked and with none, in turn, in one JVM: whatever else the
 * machine does meets both.
 */
final class IndexTimes {

  private static final long SLICE_NANOS = 10_000_000;
  private static final int BETWEEN_LOOKS_AT_THE_CLOCK = 64;
  private static final int KEYS = 1 << 16;
  private static final int SERIAL_BITS = 159;
  private static final long SEED = 1;

  /** Something done once with an index. */
  private interface Step {
    boolean once(StatusIndex index, int turn);
  }

  private final StatusIndex none;
  private final StatusIndex many;
  private final int rounds;
  private long sink;

  private IndexTimes(StatusIndex none, StatusIndex many, double seconds) {
    this.none = none;
    this.many = many;
    this.rounds = (int) Math.max(1, seconds * 1e9 / SLICE_NANOS / 2);
  }

  /**
   * Measures the whole check and the lookup alone.
   *
   * @param seconds for each of the two, shared by both indexes
   */
  static Map<String, Object> measure(Decision decision, double seconds, int entries) {
    NativeCrypto.install();
    Instant now = Instant.now();
    List<X509Certificate> devices = decision.devices();
    List<CertificateKey> keys = keys();
    StatusIndex many = ManyBlocked.index(entries);
    IndexTimes times = new IndexTimes(ManyBlocked.index(0), many, seconds);
    double[] check =
        times.alternate(
            (index, turn) ->
                decision.decide(devices.get(turn % devices.size()), index, now) != null);
    double[] lookup =
        times.alternate((index, turn) -> index.block(keys.get(turn & (KEYS - 1))).isPresent());
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("entries", many.size());
    figures.put("octets", many.bytes());
    figures.put("checkNanosWithNone", check[0]);
    figures.put("checkNanosWithMany", check[1]);
    figures.put("lookupNanosWithNone", lookup[0]);
    figures.put("lookupNanosWithMany", lookup[1]);
    return figures;
  }

  /** Keys that are nowhere in the index, spread over all of it. */
  private static List<CertificateKey> keys() {
    Random random = new Random(SEED);
    return Stream.generate(() -> new Serial(new BigInteger(SERIAL_BITS, random).setBit(0)))
        .limit(KEYS)
        .map(serial -> new CertificateKey(Identity.ISSUING, serial))
        .toList();
  }

  /**
   * Nanoseconds a step with none and with many, the median of many short slices: of the machine's
   * other work, most meet neither of two neighbours. The first quarter only warms up.
   */
  private double[] alternate(Step step) {
    double[][] nanos = new double[2][rounds];
    for (int round = -rounds / 4; round < rounds; round++) {
      for (int i = 0; i < 2; i++) {
        int which = (round + i) & 1; // whoever comes second finds warmer caches: take turns
        long start = System.nanoTime();
        long done = repeat(step, which == 0 ? none : many, start + SLICE_NANOS);
        nanos[which][Math.max(round, 0)] = (double) (System.nanoTime() - start) / done;
      }
    }
    if (sink == Long.MIN_VALUE) {
      throw new IllegalStateException("nothing was looked up"); // keeps the compiler from skipping
    }
    return new double[] {median(nanos[0]), median(nanos[1])};
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private long repeat(Step step, StatusIndex index, long deadline) {
    long done = 0;
    do {
      for (int i = 0; i < BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
        sink += step.once(index, (int) done++ & Integer.MAX_VALUE) ? 1 : 0;
      }
    } while (System.nanoTime() < deadline);
    return done;
  }
}
