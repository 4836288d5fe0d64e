package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Limits.OnClone;
import io.guardbee.broker.policy.Limits.Rate;
import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads how much a rule lets its identities do. */
final class LimitsReader {

  private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,11}) ?([A-Za-z]*)/([a-z]+)");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,5}");

  /** What {@link #COUNT} can hold. */
  private static final int MOST = 999_999;

  /** MQTT has no longer text (MQTT 5 §1.5.4). */
  private static final int LONGEST_FILTER = 65_535;

  /** As {@code config.xml} of the broker distribution has it for all sessions. */
  private static final Duration LONGEST_SESSION = Duration.ofDays(365);

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
    int connections = count(rule, "maxConnections", standard.maxConnections(), MOST);
    return new Limits(
        connections,
        rate(rates, "connects", NO_SIZES, standard.connects()),
        rate(rates, "messages", NO_SIZES, standard.messages()),
        rate(rates, "bytes", SIZES, standard.bytes()),
        sessions(rule, connections),
        clones(rule),
        rule.flag("lastWill", standard.lastWill()),
        keepRetained(rule));
  }

  private static SessionLimits sessions(Section rule, int connections) {
    SessionLimits standard = SessionLimits.DEFAULT;
    int usual = Math.min(SessionLimits.sessionsFor(connections), MOST);
    return new SessionLimits(
        count(rule, "maxSessions", usual, MOST),
        expiry(rule, standard.expiry()),
        count(rule, "maxQueuedMessages", standard.maxQueuedMessages(), MOST),
        count(rule, "maxSubscriptions", standard.maxSubscriptions(), MOST),
        count(rule, "maxFilterLength", standard.maxFilterLength(), LONGEST_FILTER),
        count(rule, "maxFilterLevels", standard.maxFilterLevels(), LONGEST_FILTER));
  }

  private static int count(Section rule, String key, int otherwise, int most) {
    String text = rule.text(key, String.valueOf(otherwise));
    if (!COUNT.matcher(text).matches() || Integer.parseInt(text) > most) {
      throw rule.refused(key + " " + Quoted.of(text), "write a number from 1 to " + most);
    }
    return Integer.parseInt(text);
  }

  private static Duration expiry(Section rule, Duration otherwise) {
    if (!rule.has("sessionExpiry")) {
      return otherwise;
    }
    String text = rule.text("sessionExpiry");
    try {
      Duration expiry = Duration.parse(text);
      if (!expiry.isNegative()
          && SessionLimits.isWhole(expiry)
          && expiry.compareTo(LONGEST_SESSION) <= 0) {
        return expiry;
      }
    } catch (DateTimeParseException e) {
      // refused below, as one that parses and has no sense
    }
    throw rule.refused(
        "sessionExpiry " + Quoted.of(text),
        "write a duration from PT0S (no session outlives its connection) to "
            + SessionLimits.text(LONGEST_SESSION)
            + ", such as P7D or PT12H");
  }

  private static Rate rate(Section rates, String key, Map<String, Long> sizes, Rate otherwise) {
    if (!rates.has(key)) {
      return otherwise;
    }
    String text = rates.text(key);
    if (text.equals(Rate.UNLIMITED.toString())) {
      return Rate.UNLIMITED;
    }
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
            ? "write a number by s, min or h: 100/s; or none"
            : "write B, KB, MB, GB, KiB, MiB or GiB by s, min or h: 1MB/s; or none");
  }

  private static boolean keepRetained(Section rule) {
    String text = rule.text("retained", "clear");
    return switch (text) {
      case "keep" -> true;
      case "clear" -> false;
      default -> throw rule.refused("retained " + Quoted.of(text), "write keep or clear");
    };
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
