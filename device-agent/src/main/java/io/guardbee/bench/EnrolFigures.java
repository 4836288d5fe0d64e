package io.guardbee.bench;

import io.guardbee.bench.measure.Timings;
import io.guardbee.bench.measure.Workers.Rate;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code bench enrol} found, ratios first.
 *
 * @param limit request verified, certificate built and signed in the token, and nothing else
 * @param kept simpleenroll on kept connections
 * @param each simpleenroll with a TLS connection each
 * @param renewed simplereenroll with an mTLS connection each
 */
record EnrolFigures(
    int clients,
    Rate limit,
    Measured kept,
    Measured each,
    Measured renewed,
    Optional<Growth> growth,
    Map<String, String> environment) {

  /** How often, and how long each took in nanoseconds. */
  record Measured(Rate rate, List<Long> nanos) {

    static Measured none() {
      return new Measured(new Rate(0, 0), List.of());
    }

    Measured plus(Measured other) {
      List<Long> all = new ArrayList<>(nanos);
      all.addAll(other.nanos);
      return new Measured(rate.plus(other.rate), all);
    }

    double perSecond() {
      return rate.perSecond();
    }

    Timings timings() {
      return new Timings(nanos);
    }
  }

  /** Enrolments on kept connections with few and with many certificates in the database. */
  record Growth(int few, Measured withFew, int many, Measured withMany) {

    /** Cost of an enrolment with many ÷ with few. */
    double ratio() {
      return withFew.perSecond() / withMany.perSecond();
    }
  }

  void table(PrintWriter out) {
    out.printf(Locale.ROOT, "%-7s  %s%n", "ratio", "what it compares");
    row(out, kept, "simpleenroll on " + clients + " kept connections");
    row(out, each, "simpleenroll with a TLS connection each, " + clients + " at a time");
    row(out, renewed, "simplereenroll with an mTLS connection each, " + clients + " at a time");
    growth.ifPresent(
        grown ->
            out.printf(
                Locale.ROOT,
                "%-7.2f  cost of one with %,d certificates on record (%.0f/s) ÷ with %,d (%.0f/s)%n",
                grown.ratio(),
                grown.many(),
                grown.withMany().perSecond(),
                grown.few(),
                grown.withFew().perSecond()));
    environment.forEach((name, value) -> out.printf("%-7s  %s: %s%n", "", name, value));
  }

  private void row(PrintWriter out, Measured measured, String what) {
    out.printf(
        Locale.ROOT,
        "%-7.2f  %s: %.0f/s (p50 %.1f ms, p99 %.1f ms) ÷ verify, build and sign alone on as many"
            + " threads: %.0f/s%n",
        measured.perSecond() / limit.perSecond(),
        what,
        measured.perSecond(),
        measured.timings().percentile(50),
        measured.timings().percentile(99),
        limit.perSecond());
  }

  /** The same as values for JSON. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("clients", clients);
    all.put("limitPerSecond", rounded(limit.perSecond()));
    all.put("keptConnections", json(kept));
    all.put("connectionEach", json(each));
    all.put("renewals", json(renewed));
    growth.ifPresent(
        grown -> {
          Map<String, Object> values = new LinkedHashMap<>();
          values.put("ratio", rounded(grown.ratio()));
          values.put("few", grown.few());
          values.put("perSecondWithFew", rounded(grown.withFew().perSecond()));
          values.put("many", grown.many());
          values.put("perSecondWithMany", rounded(grown.withMany().perSecond()));
          all.put("growth", values);
        });
    all.put("environment", environment);
    return all;
  }

  private Map<String, Object> json(Measured measured) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("ratioToLimit", rounded(measured.perSecond() / limit.perSecond()));
    values.put("perSecond", rounded(measured.perSecond()));
    values.put("count", measured.rate().count());
    values.put("p50Ms", rounded(measured.timings().percentile(50)));
    values.put("p99Ms", rounded(measured.timings().percentile(99)));
    return values;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
