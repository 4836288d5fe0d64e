package io.guardbee.broker.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks of this package, each in forks of its own. */
final class DecisionTimes {

  private static final int FORKS = 2;
  private static final int WARM_UPS = 2;
  private static final int MEASURED = 4;
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private DecisionTimes() {}

  /**
   * Measures each benchmark.
   *
   * @param seconds each is measured in one fork, without its warm-up
   * @return by benchmark, such as {@code connect.whole}: nanoseconds and octets
   */
  static Map<String, Object> measure(Path folder, double seconds) throws Exception {
    TimeValue each = TimeValue.milliseconds(Math.max(50, (long) (1000 * seconds / MEASURED)));
    var options =
        new OptionsBuilder()
            .include(ConnectBenchmark.class.getName())
            .include(PublishBenchmark.class.getName())
            .forks(FORKS)
            .warmupIterations(WARM_UPS)
            .warmupTime(each)
            .measurementIterations(MEASURED)
            .measurementTime(each)
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend("-D" + Micro.FOLDER + "=" + folder, "-Djmh.ignoreLock=true")
            .verbosity(VerboseMode.NORMAL)
            .shouldFailOnError(true)
            .output(Files.createTempFile(folder, "jmh", ".log").toString())
            .build();
    Map<String, Object> figures = new LinkedHashMap<>();
    for (RunResult result : run(options)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("nanos", result.getPrimaryResult().getScore());
      one.put(
          "octets", Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATED)).getScore());
      figures.put(name(result), one);
    }
    return figures;
  }

  private static Iterable<RunResult> run(org.openjdk.jmh.runner.options.Options options)
      throws RunnerException {
    return new Runner(options).run();
  }

  /** {@code …ConnectBenchmark.whole} is {@code connect.whole}. */
  private static String name(RunResult result) {
    String[] parts = result.getParams().getBenchmark().split("\\.", -1);
    return parts[parts.length - 2].replace("Benchmark", "").toLowerCase(Locale.ROOT)
        + "."
        + parts[parts.length - 1];
  }
}
