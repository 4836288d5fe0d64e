package io.guardbee.service.grant;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A grant that lets in more than one device, or one more than once.
 *
 * @param used devices that it has let in
 */
public record StandingGrant(
    UUID id, String name, Holder holder, Terms terms, Course course, int used) {

  /**
   * What it allows.
   *
   * @param profiles that may be had; the first is for who names none
   * @param budget devices that it may let in; null for any number
   * @param until when it ends; null for never
   * @param anyName whether names need not be on its list
   * @param mayReplace whether a station may enrol a device again that had a certificate
   */
  public record Terms(
      List<String> profiles,
      @Nullable Integer budget,
      @Nullable Instant until,
      boolean anyName,
      boolean mayReplace) {

    /** Beyond these years databases keep no time. */
    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    public Terms {
      if (until != null && (until.isBefore(EARLIEST) || until.isAfter(LATEST))) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            "until " + until + " is not a time that can be kept",
            "give one from " + EARLIEST + " to " + LATEST + ", or leave it out");
      }
      profiles = List.copyOf(profiles);
      if (profiles.isEmpty()) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED, "the grant names no profile", "give at least one");
      }
      if (budget != null && budget < 1) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED, "budget " + budget + " lets nobody in", "give 1 or more");
      }
    }
  }

  /** Who made it when, and when it was withdrawn. */
  public record Course(String by, Instant created, @Nullable Instant withdrawn) {}

  /** {@code open}, {@code withdrawn}, {@code expired} or {@code exhausted}. */
  public String status(Instant now) {
    if (course.withdrawn() != null) {
      return "withdrawn";
    }
    if (!isOpen(now)) {
      return "expired";
    }
    return terms.budget() != null && used >= terms.budget() ? "exhausted" : "open";
  }

  boolean isOpen(Instant now) {
    return course.withdrawn() == null && (terms.until() == null || now.isBefore(terms.until()));
  }

  /** Why nobody is let in by it any more. */
  static RefusedException ended(String name, @Nullable Instant withdrawn, @Nullable Instant until) {
    return new RefusedException(
        Reason.GRANT_EXPIRED,
        "grant "
            + name
            + (withdrawn == null ? " ended at " + until : " was withdrawn at " + withdrawn),
        "ask the operator for a new one: guardbee grant --help");
  }
}
