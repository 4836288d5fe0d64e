package io.guardbee.broker.bench;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The door's own race test, with many more tries than the test suite has time for. */
final class RaceTries {

  /** How many tries the test makes by each of its seeds. */
  private static final String ROUNDS = "guardbee.race.rounds";

  private static final int SEEDS = 3;

  private RaceTries() {}

  /**
   * Runs it.
   *
   * @return how many tries there were, and by how many seeds one of them failed
   */
  static Map<String, Object> run(int tries) {
    int rounds = Math.max(1, (tries + SEEDS - 1) / SEEDS);
    System.setProperty(ROUNDS, String.valueOf(rounds));
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectPackage("io.guardbee.broker.door"))
            .filters(ClassNameFilter.includeClassNamePatterns(".*RaceTests"))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("tries", rounds * summary.getTestsFoundCount());
    figures.put("failed", summary.getTestsFailedCount());
    figures.put(
        "failures",
        summary.getFailures().stream()
            .map(failure -> String.valueOf(failure.getException().getMessage()).strip())
            .map(message -> message.lines().findFirst().orElse(""))
            .toList());
    return figures;
  }
}
