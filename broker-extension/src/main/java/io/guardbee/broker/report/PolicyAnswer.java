package io.guardbee.broker.report;

import java.util.List;

/**
 * What became of a policy at this node.
 *
 * @param mode as it was ordered
 * @param outcome {@code applied}, {@code foreseen} or {@code refused}
 * @param detail why not, empty otherwise
 * @param connections live ones that were looked at
 * @param affectedCount of all whose rights differ; {@code affected} may list fewer
 */
public record PolicyAnswer(
    long version,
    String mode,
    String outcome,
    String detail,
    int connections,
    int affectedCount,
    List<Affected> affected) {

  /**
   * A live connection whose rights differ.
   *
   * @param before the rule that decided, or why nothing did
   * @param lost what it loses, such as {@code publish devices/d-1/#}; {@code connect} for all
   */
  public record Affected(
      String deviceId,
      String clientId,
      String before,
      String after,
      List<String> lost,
      List<String> gained) {
    public Affected {
      lost = List.copyOf(lost);
      gained = List.copyOf(gained);
    }
  }

  public PolicyAnswer {
    affected = List.copyOf(affected);
  }
}
