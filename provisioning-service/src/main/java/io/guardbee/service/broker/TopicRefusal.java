package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Occurrences;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Topics that a broker refused to a connected device, as they go on record. */
final class TopicRefusal {

  private static final int LONGEST = 120;

  private TopicRefusal() {}

  static Attempt attempt(String node, NodeReport.RefusedRequest said) {
    String action = "subscribe".equals(said.action()) ? "subscribe" : "publish";
    return new Attempt(
        Door.BROKER,
        DoorRefusal.address(said.address()),
        said.deviceId(),
        action + " " + line(said.filter()) + " at " + node,
        new RefusedException(
            Reason.TOPIC_NOT_ALLOWED,
            detail(line(said.reason())),
            DoorRefusal.nextStep(Reason.TOPIC_NOT_ALLOWED, said.deviceId())));
  }

  static Occurrences occurrences(NodeReport.RefusedRequest said, Instant now) {
    Instant last = Objects.requireNonNullElse(said.last(), now);
    return new Occurrences(
        Objects.requireNonNullElse(said.first(), last),
        last,
        (int) Math.min(Integer.MAX_VALUE, said.times()));
  }

  private static String detail(String code) {
    return switch (code) {
      case "uncovered" -> "uncovered: nothing in the policy allows it";
      case "denied" -> "denied: the policy forbids it";
      case "qos" -> "qos: the policy allows it with another quality of service";
      case "retain" -> "retain: the policy allows it with another retain flag";
      case "shared" -> "shared: the policy allows it with another sharing";
      case "malformed" -> "malformed: it is no topic filter";
      default -> code;
    };
  }

  private static String line(@Nullable String said) {
    String line = said == null ? "" : Quoted.line(said);
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
  }
}
