package io.guardbee.bench.measure;

import io.guardbee.pki.NativeCrypto;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a figure depends on beside what it measures. */
public final class BenchEnvironment {

  private BenchEnvironment() {}

  /** As it is now: to be asked before the benchmark adds to the load. */
  public static Map<String, String> of() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put(
        "processors",
        Runtime.getRuntime().availableProcessors() + ", shared by clients and servers");
    environment.put(
        "load",
        String.format(
            Locale.ROOT,
            "%.1f before the start; above 0.5 the absolute numbers tell of the machine's other work",
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    environment.put("java", Runtime.version().toString());
    environment.put("cryptography", NativeCrypto.install());
    return environment;
  }
}
