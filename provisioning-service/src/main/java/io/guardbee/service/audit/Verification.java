package io.guardbee.service.audit;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Looks whether a log is as it was sealed: every line in its turn, then the signed head. Needs no
 * service, no database and no module. Not thread-safe.
 */
public final class Verification {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_TOLD = 100;

  private final List<Problem> problems = new ArrayList<>();
  private final long first;
  private long next;
  private String lastHash = Line.NOTHING_BEFORE;
  private boolean begun;
  private long count;
  private @Nullable Line earlier;

  /**
   * @param after the number of the last entry that is not looked at; 0 to look at all
   */
  public Verification(long after) {
    this.first = after + 1;
    this.next = first;
  }

  /**
   * What is wrong.
   *
   * @param entry the number that is concerned; 0 for the log as a whole
   */
  public record Problem(long entry, String what) {}

  /**
   * Has the log be one that goes on from an earlier export: a log that was set back to an older
   * state is whole and signed, and only what is kept elsewhere tells.
   *
   * @param lastLine of that export's entries
   */
  public void goesOnFrom(String lastLine) {
    earlier = Line.parse(lastLine).orElse(null);
    if (earlier == null) {
      problem(0, "the earlier export does not end with an entry");
    }
  }

  /** Looks at the next line, without its line feed. */
  public void line(String text) {
    count++;
    Optional<Line> read = Line.parse(text);
    if (read.isEmpty()) {
      problem(next, "was changed: it does not read");
      follow(next, text);
      return;
    }
    Line line = read.get();
    if (line.number() < next) {
      problem(line.number(), "was put in, or out of its place: entry " + next + " belongs there");
      return;
    }
    if (line.number() > next) {
      problem(next, missing(next, line.number() - 1));
    } else if (!line.previous().equals(lastHash) && (begun || first == 1)) {
      problem(line.number() - 1, "was changed: entry " + line.number() + " holds another hash");
    }
    lookForAlarm(line);
    follow(line.number(), text);
  }

  private static String missing(long from, long to) {
    return from == to ? "is missing" : "is missing, with all to entry " + to;
  }

  private void follow(long number, String text) {
    next = number + 1;
    lastHash = Line.hash(text);
    begun = true;
    if (earlier != null && earlier.number() == number && !earlier.hash().equals(lastHash)) {
      problem(number, "was changed: the earlier export has another");
    }
  }

  /** What the service itself found while it ran; it chains on, so that nobody can hide it. */
  private void lookForAlarm(Line line) {
    try {
      var entry = JSON.readTree(line.text());
      if (entry.path("action").asString("").equals(Action.LOG_ALTERED.toString())) {
        problem(
            line.number(),
            "tells that the service found the log altered before "
                + entry.path("time").asString("")
                + ": "
                + entry.path("values").path("found").asString(""));
      }
    } catch (JacksonException e) {
      problem(line.number(), "was changed: it does not read");
    }
  }

  /**
   * Compares the end with what the module signed; after the last line.
   *
   * @param head empty when there is none
   * @param trusted operations authorities, or the root above them
   */
  public void head(Optional<SignedHead> head, List<X509Certificate> trusted) {
    if (earlier != null && earlier.number() >= next) {
      problem(next, missing(next, earlier.number()) + ": the earlier export has more");
    }
    if (head.isEmpty()) {
      problem(0, "there is no signed head: nothing shows that the end of the log is there");
      return;
    }
    SignedHead signed = head.get();
    Optional<String> fault = signed.fault(trusted);
    if (fault.isPresent()) {
      problem(0, "the head proves nothing: " + fault.get());
    } else if (signed.number() >= next) {
      problem(next, missing(next, signed.number()));
    } else if (signed.number() < next - 1) {
      problem(signed.number() + 1, "was put in at the end: the head signs " + signed.number());
    } else if (begun && !signed.hash().equals(lastHash)) {
      problem(signed.number(), "was changed: the head signs another");
    }
  }

  /** Notes what was found wrong outside of the lines. */
  public void problem(long entry, String what) {
    if (problems.size() < MOST_TOLD) {
      problems.add(new Problem(entry, what));
    }
  }

  /** The first {@value #MOST_TOLD} in the order they were found; empty when all is as sealed. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** How many lines it has looked at. */
  public long count() {
    return count;
  }

  /** Number of the last entry; the one before the first when there was none. */
  public long last() {
    return next - 1;
  }
}
