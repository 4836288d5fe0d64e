package io.guardbee.service.policy;

import io.guardbee.service.policy.Answer.Affected;
import java.util.List;

/**
 * What an order did.
 *
 * @param version that it was about
 * @param outcome {@code applied}, {@code observed}, {@code foreseen} or {@code withdrawn}; {@code
 *     unchanged} when it was so already; {@code refused} by a broker, so that it is in force
 *     nowhere; {@code overtaken} by a newer version that came into force meanwhile
 * @param detail one line to the outcome, perhaps empty
 * @param event of the feed that told it; 0 when nothing was told
 * @param millis from the order to the last answer
 * @param inForce the version in force now, 0 for none
 */
public record Receipt(
    long version,
    String mode,
    String outcome,
    String detail,
    long event,
    long millis,
    long inForce,
    List<Node> nodes) {

  /**
   * A broker that was connected.
   *
   * @param outcome {@code applied}, {@code foreseen}, {@code refused} or {@code silent}
   */
  public record Node(
      String node,
      String outcome,
      String detail,
      int connections,
      int affectedCount,
      List<Affected> affected) {

    public Node {
      affected = List.copyOf(affected);
    }

    static Node of(Answer answer) {
      return new Node(
          answer.node(),
          answer.outcome(),
          answer.detail(),
          answer.connections(),
          answer.affectedCount(),
          answer.affected());
    }

    static Node silent(String node) {
      return new Node(node, Answer.SILENT, "did not answer in time", 0, 0, List.of());
    }

    boolean isRefusal() {
      return outcome.equals(Answer.REFUSED);
    }
  }

  public Receipt {
    nodes = List.copyOf(nodes);
  }
}
