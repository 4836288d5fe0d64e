package io.guardbee.service.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.service.audit.Verification.Problem;
import io.guardbee.service.authority.Authority;
import io.guardbee.testing.TestCa;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way to change a log, and the entry at which it is found. */
class VerificationTest {

  private static final TestCa ROOT = TestCa.root();
  private static final TestCa OPERATIONS = ROOT.authority("operations");
  private static final Instant NOW = OPERATIONS.certificate().getNotBefore().toInstant();
  private static final int ENTRIES = 10;

  /** A log as somebody has it: lines and the head. */
  private record Log(List<String> lines, Optional<SignedHead> head) {

    static Log sealed() {
      List<String> lines = new ArrayList<>();
      String previous = Line.NOTHING_BEFORE;
      for (int number = 1; number <= ENTRIES; number++) {
        Line line = Line.of(number, previous, body(number));
        lines.add(line.text());
        previous = line.hash();
      }
      return new Log(lines, Optional.of(head(lines, OPERATIONS)));
    }

    static SignedHead head(List<String> lines, TestCa signer) {
      return SignedHead.sign(
          lines.size(),
          Line.hash(lines.get(lines.size() - 1)),
          NOW,
          new Authority("operations", signer.certificate(), signer.key()));
    }

    static String body(int number) {
      return Entry.of(
              NOW,
              Action.GRANT_MADE,
              Actor.operator("jane"),
              "device:d-" + number,
              Map.of("kind", "token"))
          .body();
    }

    /** By someone who can compute hashes, but has no module. */
    Log rechained() {
      List<String> forged = new ArrayList<>();
      String previous = Line.NOTHING_BEFORE;
      for (String text : lines) {
        String body = "{" + text.substring(text.indexOf("\"time\""));
        Line line = Line.of(forged.size() + 1L, previous, body);
        forged.add(line.text());
        previous = line.hash();
      }
      return new Log(forged, head);
    }

    Log with(UnaryOperator<List<String>> change) {
      return new Log(change.apply(new ArrayList<>(lines)), head);
    }

    Log set(int number, String text) {
      return with(
          all -> {
            all.set(number - 1, text);
            return all;
          });
    }

    String line(int number) {
      return lines.get(number - 1);
    }

    Log signedBy(TestCa signer) {
      return new Log(lines, Optional.of(head(lines, signer)));
    }
  }

  private static List<Problem> problems(Log log) {
    Verification verification = new Verification(0);
    log.lines().forEach(verification::line);
    verification.head(log.head(), List.of(ROOT.certificate()));
    return verification.problems();
  }

  @Test
  void sealedLogIsGoodByTheRootAndByTheAuthorityItself() {
    assertThat(problems(Log.sealed())).isEmpty();
    Verification byAuthority = new Verification(0);
    Log.sealed().lines().forEach(byAuthority::line);
    byAuthority.head(Log.sealed().head(), List.of(OPERATIONS.certificate()));
    assertThat(byAuthority.problems()).isEmpty();
  }

  static Stream<Arguments> changes() {
    Log good = Log.sealed();
    SignedHead head = good.head().orElseThrow();
    return Stream.of(
        change("a field", 5, good.set(5, good.line(5).replace("jane", "joan"))),
        change("a field of the last", 10, good.set(10, good.line(10).replace("jane", "joan"))),
        change("a space", 5, good.set(5, good.line(5) + " ")),
        change("a line made unreadable", 5, good.set(5, "{}")),
        change(
            "the hash in a line",
            4,
            good.set(
                5,
                good.line(5)
                    .replace("s\":\"sha256:", "s\":\"sha256:0")
                    .replaceFirst("[0-9a-f]\",\"time", "\",\"time"))),
        change("one taken out", 5, good.with(all -> without(all, 5))),
        change("the first taken out", 1, good.with(all -> without(all, 1))),
        change("the last taken out", 10, good.with(all -> without(all, 10))),
        change("the last three taken out", 8, good.with(all -> all.subList(0, 7))),
        change("all taken out", 1, good.with(all -> List.of())),
        change("one put in twice", 5, good.with(all -> with(all, 5, all.get(4)))),
        change(
            "a forged one put in",
            5,
            good.with(
                all ->
                    with(
                        all,
                        4,
                        Line.of(5, Line.hash(all.get(3)), Log.body(5))
                            .text()
                            .replace("d-5", "d-x")))),
        change(
            "one put at the end",
            11,
            good.with(
                all -> with(all, 10, Line.of(11, Line.hash(all.get(9)), Log.body(11)).text()))),
        change("two changed places", 5, good.with(all -> swapped(all, 5))),
        change(
            "a field, and all hashes after it",
            10,
            good.set(5, good.line(5).replace("jane", "joan")).rechained()),
        change(
            "one taken out, and all hashes after it",
            10,
            good.with(all -> without(all, 5)).rechained()),
        change(
            "rewritten and signed by a device",
            0,
            good.set(5, good.line(5).replace("jane", "joan"))
                .rechained()
                .signedBy(OPERATIONS.device("d-1"))),
        change(
            "rewritten and signed by a CA of one's own",
            0,
            good.set(5, good.line(5).replace("jane", "joan"))
                .rechained()
                .signedBy(TestCa.root().authority("operations"))),
        change(
            "a head with another number",
            0,
            new Log(
                good.lines().subList(0, 7),
                Optional.of(
                    new SignedHead(
                        head.head().replace(" 10 ", " 7 "),
                        head.signature(),
                        head.certificate())))),
        change(
            "a head with another signature",
            0,
            new Log(
                good.lines(),
                Optional.of(new SignedHead(head.head(), "AAAA", head.certificate())))),
        change(
            "a head with another certificate",
            0,
            new Log(
                good.lines(), Optional.of(new SignedHead(head.head(), head.signature(), "AAAA")))),
        change("no head", 0, new Log(good.lines(), Optional.empty())));
  }

  private static Arguments change(String what, long found, Log changed) {
    return Arguments.of(what, found, changed);
  }

  private static List<String> without(List<String> all, int number) {
    all.remove(number - 1);
    return all;
  }

  private static List<String> with(List<String> all, int index, String line) {
    all.add(index, line);
    return all;
  }

  private static List<String> swapped(List<String> all, int number) {
    all.add(number, all.remove(number - 1));
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void changeIsFound(String what, long entry, Log changed) {
    assertThat(problems(changed)).extracting(Problem::entry).as(what).contains(entry);
  }

  @Test
  void whatTheServiceFoundIsToldForEver() {
    Log good = Log.sealed();
    String alarm =
        Line.of(
                11,
                Line.hash(good.line(10)),
                Entry.of(NOW, Action.LOG_ALTERED, Actor.SERVICE, "audit", Map.of("found", "x"))
                    .body())
            .text();
    Log log = good.with(all -> with(all, 10, alarm)).signedBy(OPERATIONS);
    assertThat(problems(log)).extracting(Problem::entry).containsExactly(11L);
  }

  @Test
  void olderStateThatIsWholeIsFoundAgainstAnEarlierExport() {
    Log good = Log.sealed();
    Log older = new Log(good.lines().subList(0, 7), good.head());
    Log restored = older.signedBy(OPERATIONS);
    assertThat(problems(restored)).isEmpty(); // nothing in it can tell

    Verification against = new Verification(0);
    against.goesOnFrom(good.line(10));
    restored.lines().forEach(against::line);
    against.head(restored.head(), List.of(ROOT.certificate()));
    assertThat(against.problems()).extracting(Problem::entry).containsExactly(8L);
  }

  @Test
  void partIsVerifiedAfterTheEntryItFollowsOnly() {
    Log good = Log.sealed();
    Verification part = new Verification(6);
    good.lines().subList(6, 10).forEach(part::line);
    part.head(good.head(), List.of(ROOT.certificate()));
    assertThat(part.problems()).isEmpty();
    assertThat(part.count()).isEqualTo(4);
  }

  @Test
  void foreignWordsCannotBreakOutOfTheirLine() {
    String evil = "x\",\"action\":\"grant-made\"}\n{\"number\":2\u2028\u0000\ud800";
    Line line =
        Line.of(
            1,
            Line.NOTHING_BEFORE,
            Entry.of(NOW, Action.REQUEST_REFUSED, Actor.caller(evil), evil, Map.of("d", evil))
                .body());
    assertThat(line.text()).matches("\\p{ASCII}+").doesNotContain("\n");
    Verification log = new Verification(0);
    log.line(line.text());
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void entryHasABoundedSize() {
    String long1 = "\u20ac".repeat(100_000);
    Entry entry =
        Entry.of(NOW, Action.REQUEST_REFUSED, Actor.caller(long1), long1, Map.of("d", long1));
    assertThat(entry.body().length()).isLessThan(20_000);
  }
}
