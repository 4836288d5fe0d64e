package io.guardbee.service.policy;

import io.guardbee.pki.Quoted;
import java.time.Instant;
import java.util.List;

/**
 * What became of an order at one broker.
 *
 * @param outcome {@code applied}, {@code foreseen} or {@code refused}
 * @param detail why not; empty otherwise
 * @param connections live ones that were looked at
 * @param affectedCount of all whose rights differ; the list may hold fewer
 */
public record Answer(
    String node,
    long version,
    String mode,
    String outcome,
    String detail,
    int connections,
    int affectedCount,
    List<Affected> affected,
    Instant at) {

  static final String SILENT = "silent";
  static final String REFUSED = "refused";
  static final String NOT_REACHED = "not-reached";

  private static final int LONGEST_WORD = 16;
  private static final int LONGEST_DETAIL = 600;
  private static final int MOST_AFFECTED = 1000;

  /**
   * A live connection whose rights differ.
   *
   * @param before the rule that decided, or why nothing did
   * @param lost such as {@code publish devices/d-1/#}
   */
  public record Affected(
      String deviceId,
      String clientId,
      String before,
      String after,
      List<String> lost,
      List<String> gained) {

    private static final int MOST_FILTERS = 20;

    public Affected {
      deviceId = line(deviceId);
      clientId = line(clientId);
      before = line(before);
      after = line(after);
      lost = lines(lost);
      gained = lines(gained);
    }

    private static List<String> lines(List<String> texts) {
      return texts.stream().limit(MOST_FILTERS).map(Affected::line).toList();
    }

    private static String line(String text) {
      return Quoted.line(text);
    }
  }

  public Answer {
    mode = cut(mode, LONGEST_WORD);
    outcome = cut(outcome, LONGEST_WORD);
    detail = cut(detail, LONGEST_DETAIL);
    connections = Math.max(0, connections);
    affectedCount = Math.max(0, affectedCount);
    affected = affected.stream().limit(MOST_AFFECTED).toList();
  }

  private static String cut(String text, int longest) {
    String line = Quoted.line(text);
    return line.length() <= longest ? line : line.substring(0, longest);
  }

  boolean isRefusal() {
    return outcome.equals(REFUSED);
  }
}
