package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Limits.OnClone;
import io.guardbee.broker.policy.Limits.Rate;
import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads how much a rule lets its identities do. */
final class LimitsReader {

  private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,11}) ?([A-Za-z]*)/([a-z]+)");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,5}");

  private static final Map<String, Long> TIMES =
      Map.of(
          "s", TimeUnit.SECONDS.toNanos(1),
          "min", TimeUnit.MINUTES.toNanos(1),
          "h", TimeUnit.HOURS.toNanos(1));

  private static final Map<String, Long> SIZES =
      Map.of(
          "", 1L,
          "B", 1L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30);

  private static final Map<String, Long> NO_SIZES = Map.of("", 1L);

  private LimitsReader() {}

  static Limits read(Section rule) {
    Section rates = rule.section("rates").only("connects", "messages", "bytes");
    Limits standard = Limits.DEFAULT;
    return new Limits(
        maxConnections(rule, standard.maxConnections()),
        rate(rates, "connects", NO_SIZES),
        rate(rates, "messages", NO_SIZES),
        rate(rates, "bytes", SIZES),
        clones(rule),
        rule.flag("lastWill", standard.lastWill()));
  }

  private static int maxConnections(Section rule, int otherwise) {
    String text = rule.text("maxConnections", String.valueOf(otherwise));
    if (!COUNT.matcher(text).matches()) {
      throw rule.refused("maxConnections " + Quoted.of(text), "write a number from 1 to 999999");
    }
    return Integer.parseInt(text);
  }

  private static Rate rate(Section rates, String key, Map<String, Long> sizes) {
    if (!rates.has(key)) {
      return Rate.UNLIMITED;
    }
    String text = rates.text(key);
    Matcher matcher = RATE.matcher(text);
    if (matcher.matches()) {
      Long size = sizes.get(matcher.group(2));
      Long time = TIMES.get(matcher.group(3));
      if (size != null && time != null) {
        return new Rate(Long.parseLong(String.valueOf(matcher.group(1))) * size, time);
      }
    }
    throw rates.refused(
        key + " " + Quoted.of(text),
        sizes == NO_SIZES
            ? "write a number by s, min or h: 100/s"
            : "write B, KB, MB, GB, KiB, MiB or GiB by s, min or h: 1MB/s");
  }

  private static OnClone clones(Section rule) {
    String text = rule.text("clones", OnClone.ALERT.toString());
    for (OnClone one : OnClone.values()) {
      if (one.toString().equals(text)) {
        return one;
      }
    }
    throw rule.refused("clones " + Quoted.of(text), "write alert, refuse-new or suspend");
  }
}
