package io.guardbee.service.audit;

import io.guardbee.pki.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Refusals on their way into the log. Only decisions belong there, not noise; and whoever asks in
 * vain a million times gets a few entries and a count: at most {@value #BURST} at once, one in ten
 * seconds after that, and one count a minute. Thread-safe.
 */
final class Refusals {

  private static final int BURST = 200;
  private static final Duration EACH = Duration.ofSeconds(10);
  private static final Duration COUNTED = Duration.ofMinutes(1);

  /** Someone known, or with a good request, was told no; not: a message did not read. */
  private static final Set<Reason> DECISIONS =
      EnumSet.of(
          Reason.TOKEN_WRONG,
          Reason.TOKEN_USED,
          Reason.TOKEN_EXPIRED,
          Reason.GRANT_MISSING,
          Reason.GRANT_EXPIRED,
          Reason.GRANT_EXHAUSTED,
          Reason.NAME_NOT_GRANTED,
          Reason.SERVER_NAME_MISSING,
          Reason.APPROVAL_DENIED,
          Reason.CSR_NAME_MISMATCH,
          Reason.CSR_CA_REQUESTED,
          Reason.KEY_UNSUPPORTED,
          Reason.KEY_WEAK,
          Reason.KEY_ROCA,
          Reason.KEY_DEBIAN_WEAK,
          Reason.KEY_FACTORED,
          Reason.KEY_POINT_INVALID,
          Reason.KEY_NOT_NEW,
          Reason.KEY_NOT_SAME,
          Reason.SERVER_KEYS_OFF,
          Reason.KEY_BOUND_TO_OTHER_DEVICE,
          Reason.KEY_REVOKED,
          Reason.DEVICE_EXISTS,
          Reason.DEVICE_REVOKED,
          Reason.DEVICE_SUSPENDED,
          Reason.PROFILE_UNKNOWN,
          Reason.PROFILE_NOT_GRANTED,
          Reason.CERTIFICATE_UNTRUSTED,
          Reason.CERTIFICATE_EXPIRED,
          Reason.CERTIFICATE_PURPOSE_WRONG,
          Reason.CERTIFICATE_WEAK,
          Reason.CERTIFICATE_MALFORMED,
          Reason.CERTIFICATE_REVOKED,
          Reason.CERTIFICATE_SUPERSEDED,
          Reason.CERTIFICATE_UNKNOWN,
          Reason.ROLE_MISSING,
          Reason.RATE_LIMITED);

  private final Clock clock;
  private final List<Entry> waiting = new ArrayList<>();
  private final Map<Reason, Long> uncounted = new EnumMap<>(Reason.class);
  private double tokens = BURST;
  private Instant filled;
  private Instant counted = Instant.MIN;

  Refusals(Clock clock) {
    this.clock = clock;
    this.filled = clock.instant();
  }

  static boolean isDecision(Reason reason) {
    return DECISIONS.contains(reason);
  }

  synchronized void add(Reason reason, Entry refusal) {
    refill();
    if (tokens >= 1 && reason != Reason.RATE_LIMITED) {
      tokens -= 1;
      waiting.add(refusal);
    } else {
      uncounted.merge(reason, 1L, Long::sum);
    }
  }

  private void refill() {
    Instant now = clock.instant();
    double earned = (double) Duration.between(filled, now).toMillis() / EACH.toMillis();
    tokens = Math.min(BURST, tokens + Math.max(0, earned));
    filled = now;
  }

  /**
   * Takes what is to be recorded now.
   *
   * @param last whether nothing comes after: the counts do not wait for their minute
   */
  synchronized List<Entry> take(boolean last) {
    List<Entry> taken = new ArrayList<>(waiting);
    waiting.clear();
    Instant now = clock.instant();
    if (!uncounted.isEmpty() && (last || now.isAfter(counted.plus(COUNTED)))) {
      Map<String, String> counts = new TreeMap<>();
      uncounted.forEach((reason, count) -> counts.put(reason.toString(), count.toString()));
      taken.add(Entry.of(now, Action.REFUSALS_COUNTED, Actor.SERVICE, "requests", counts));
      uncounted.clear();
      counted = now;
    }
    return taken;
  }
}
