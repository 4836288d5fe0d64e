package io.guardbee.bench;

import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.hsm.key.KeyType;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code bench hsm} found, ratios first.
 *
 * @param sessionPairs empty where the module makes no keys as session objects
 */
record HsmFigures(
    KeyType type,
    List<Signing> signing,
    Rate tokenPairs,
    Optional<Rate> sessionPairs,
    Map<String, String> environment) {

  private static final int[] PERIODS = {1, 7, 30, 60};
  private static final double SECONDS_A_DAY = 86_400;

  /**
   * Rates of the same signature made in three ways.
   *
   * @param bare C_Sign alone
   * @param verified C_Sign and the verification that each signature gets before it is used
   * @param provider a JCA Signature
   */
  record Signing(int threads, Rate bare, Rate verified, Rate provider) {

    /** Guardbee's own share: pool, faults, encoding. */
    double overVerified() {
      return provider.perSecond() / verified.perSecond();
    }

    double overBare() {
      return provider.perSecond() / bare.perSecond();
    }

    /** Time of one thread for one signature beyond the verified one. */
    double overheadMicros() {
      return micros(provider) - micros(verified);
    }

    /** What verifying costs. */
    double verificationMicros() {
      return micros(verified) - micros(bare);
    }

    private double micros(Rate rate) {
      return threads * 1e6 / rate.perSecond();
    }
  }

  /** Devices that renew in that many days, with half of the best rate: the rest is for storms. */
  static long fleet(double perSecond, int days) {
    return (long) (perSecond / 2 * SECONDS_A_DAY * days);
  }

  private double best() {
    return signing.stream().mapToDouble(each -> each.provider().perSecond()).max().orElse(0);
  }

  void table(PrintWriter out) {
    out.printf(
        "%-7s  %-7s  %8s  %10s  %10s  %10s  %9s  %9s%n",
        "÷ both", "÷ bare", "threads", "guardbee/s", "both/s", "bare/s", "own µs", "verify µs");
    for (Signing each : signing) {
      out.printf(
          Locale.ROOT,
          "%-7.2f  %-7.2f  %8d  %10.0f  %10.0f  %10.0f  %9.1f  %9.1f%n",
          each.overVerified(),
          each.overBare(),
          each.threads(),
          each.provider().perSecond(),
          each.verified().perSecond(),
          each.bare().perSecond(),
          each.overheadMicros(),
          each.verificationMicros());
    }
    out.println();
    out.println("bare    C_Sign alone, " + type + ", a session a thread");
    out.println("both    C_Sign and the verification that every signature gets before it is used");
    out.println("own µs  what Guardbee adds to both, in one thread's time for one signature");
    out.printf(
        Locale.ROOT,
        "pairs   %.0f/s as token objects, made and destroyed%n",
        tokenPairs.perSecond());
    out.println(
        "        "
            + sessionPairs
                .map(
                    rate ->
                        String.format(Locale.ROOT, "%.0f/s as session objects", rate.perSecond()))
                .orElse("none as session objects: this module makes them in the token only"));
    environment.forEach((name, value) -> out.printf("%-7s %s%n", name, value));
    out.println();
    for (int days : PERIODS) {
      out.printf(
          Locale.ROOT,
          "at half load it renews %,d devices every %d %s%n",
          fleet(best(), days),
          days,
          days == 1 ? "day" : "days");
    }
  }

  /** The same as values for JSON. */
  Map<String, Object> json() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Signing each : signing) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("threads", each.threads());
      row.put("ratioToVerified", rounded(each.overVerified()));
      row.put("ratioToBare", rounded(each.overBare()));
      row.put("guardbeePerSecond", rounded(each.provider().perSecond()));
      row.put("verifiedPerSecond", rounded(each.verified().perSecond()));
      row.put("barePerSecond", rounded(each.bare().perSecond()));
      row.put("overheadMicros", rounded(each.overheadMicros()));
      row.put("verificationMicros", rounded(each.verificationMicros()));
      rows.add(row);
    }
    Map<String, Object> fleets = new LinkedHashMap<>();
    for (int days : PERIODS) {
      fleets.put("renewedEvery" + days + "Days", fleet(best(), days));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("keyType", type.toString());
    all.put("signing", rows);
    all.put("tokenPairsPerSecond", rounded(tokenPairs.perSecond()));
    sessionPairs.ifPresent(rate -> all.put("sessionPairsPerSecond", rounded(rate.perSecond())));
    all.put("fleetAtHalfLoad", fleets);
    all.put("environment", environment);
    return all;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
