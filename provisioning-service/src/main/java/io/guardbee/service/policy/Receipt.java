package io.guardbee.service.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.guardbee.service.policy.Answer.Affected;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an order did.
 *
 * @param version that it was about
 * @param outcome {@code applied}, {@code observed}, {@code foreseen} or {@code withdrawn}; {@code
 *     unchanged} when it was so already; {@code refused} by a broker that was asked first, so that
 *     nothing has changed; {@code overtaken} by a newer version that came into force meanwhile
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
   * A broker that is connected or was heard of within 30 days.
   *
   * @param outcome {@code applied}, {@code foreseen}, {@code refused}, {@code silent} or {@code
   *     not-reached}
   * @param notReachedSince when one that was not reached was last heard of; else null
   */
  public record Node(
      String node,
      String outcome,
      String detail,
      int connections,
      int affectedCount,
      List<Affected> affected,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant notReachedSince) {

    public Node {
      affected = List.copyOf(affected);
    }

    static Node applied(String node) {
      return new Node(node, "applied", "", 0, 0, List.of(), null);
    }

    static Node notReached(String node, Instant since) {
      return new Node(
          node, Answer.NOT_REACHED, "not reached since " + since, 0, 0, List.of(), since);
    }

    static Node of(Answer answer) {
      return new Node(
          answer.node(),
          answer.outcome(),
          answer.detail(),
          answer.connections(),
          answer.affectedCount(),
          answer.affected(),
          null);
    }

    static Node silent(String node) {
      return new Node(node, Answer.SILENT, "did not answer in time", 0, 0, List.of(), null);
    }

    boolean isRefusal() {
      return outcome.equals(Answer.REFUSED);
    }
  }

  public Receipt {
    nodes = List.copyOf(nodes);
  }
}
