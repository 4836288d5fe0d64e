package io.guardbee.bench;

import io.guardbee.bench.Revocations.Measured;
import io.guardbee.bench.measure.Workers.Rate;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What {@code bench road} found, ratios first. */
record RoadFigures(
    Rate enrolments,
    int connections,
    Rate guardedConnects,
    Rate openConnects,
    Measured revocations,
    Map<String, String> environment) {

  void table(PrintWriter out) {
    out.printf(Locale.ROOT, "%-7s  %s%n", "ratio", "what it compares");
    row(
        out,
        connectRatio(),
        "full mTLS connects/s through Guardbee's door (%.0f) ÷ the same broker with a permit-all"
            + " extension (%.0f)",
        guardedConnects.perSecond(),
        openConnects.perSecond());
    revocationRow(out, 50);
    revocationRow(out, 99);
    out.printf(
        Locale.ROOT,
        "%-7s  enrolments/s over EST on %d kept connections: %.0f (%d in %.1f s)%n",
        "-",
        connections,
        enrolments.perSecond(),
        enrolments.count(),
        enrolments.seconds());
    environment.forEach((name, value) -> out.printf("%-7s  %s: %s%n", "", name, value));
  }

  private void revocationRow(PrintWriter out, int percent) {
    row(
        out,
        cutOffRatio(percent),
        "revoke request to closed connection, p%d of %d (%.1f ms) ÷ one QoS 1 publish and its"
            + " acknowledgement, p50 of %d (%.2f ms)",
        percent,
        revocations.cutOff().count(),
        revocations.cutOff().percentile(percent),
        revocations.roundTrip().count(),
        revocations.roundTrip().percentile(50));
  }

  private static void row(PrintWriter out, double ratio, String format, Object... values) {
    out.printf(Locale.ROOT, "%-7.2f  %s%n", ratio, String.format(Locale.ROOT, format, values));
  }

  private double connectRatio() {
    return guardedConnects.perSecond() / openConnects.perSecond();
  }

  private double cutOffRatio(int percent) {
    return revocations.cutOff().percentile(percent) / revocations.roundTrip().percentile(50);
  }

  /** The same as values for JSON. */
  Map<String, Object> json() {
    Map<String, Object> connects = new LinkedHashMap<>();
    connects.put("ratio", rounded(connectRatio()));
    connects.put("guardbeePerSecond", rounded(guardedConnects.perSecond()));
    connects.put("permitAllPerSecond", rounded(openConnects.perSecond()));
    Map<String, Object> revocation = new LinkedHashMap<>();
    revocation.put("ratioP50", rounded(cutOffRatio(50)));
    revocation.put("ratioP99", rounded(cutOffRatio(99)));
    revocation.put("count", revocations.cutOff().count());
    revocation.put("p50Ms", rounded(revocations.cutOff().percentile(50)));
    revocation.put("p99Ms", rounded(revocations.cutOff().percentile(99)));
    revocation.put("roundTripP50Ms", rounded(revocations.roundTrip().percentile(50)));
    Map<String, Object> enrolment = new LinkedHashMap<>();
    enrolment.put("perSecond", rounded(enrolments.perSecond()));
    enrolment.put("count", enrolments.count());
    enrolment.put("connections", connections);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("connects", connects);
    all.put("revocation", revocation);
    all.put("enrolments", enrolment);
    all.put("environment", environment);
    return all;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
