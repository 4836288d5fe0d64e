package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.packets.general.DisconnectedReasonCode;
import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Rights;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A PUBLISH that HiveMQ refused by the default permissions, as told by the end of its connection:
 * HiveMQ ends the connection after each, whatever its version and QoS, with a reason that names the
 * topic. So what is refused is seen without a look at any PUBLISH that is allowed.
 */
record RefusedPublish(String topic, int qos, boolean retain) {

  /** The topic may hold quotes: the rest of the text is matched from its end. */
  private static final Pattern REASON =
      Pattern.compile(
          "Not authorized to publish on topic '(.*)' with QoS '([0-2])' and retain '(true|false)'",
          Pattern.DOTALL);

  /** HiveMQ lets nobody publish there, and does not say where. */
  private static final String DOLLAR = "Sent PUBLISH for a topic that starts with '$'";

  private static final RefusedPublish BELOW_DOLLAR = new RefusedPublish("$...", 0, false);

  /** Null when the connection ended for something else. */
  static @Nullable RefusedPublish of(DisconnectedReasonCode code, String reason) {
    if (reason.equals(DOLLAR)) {
      return BELOW_DOLLAR;
    }
    if (code != DisconnectedReasonCode.NOT_AUTHORIZED) {
      return null;
    }
    Matcher matcher = REASON.matcher(reason);
    return matcher.matches()
        ? new RefusedPublish(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Boolean.parseBoolean(matcher.group(3)))
        : null;
  }

  /** What the rights say to it; they may have been changed since. */
  Decision decision(@Nullable Rights rights) {
    Decision now = rights == null ? Decision.UNCOVERED : rights.decidePublish(topic, qos, retain);
    return now.allowed() ? Decision.UNCOVERED : now;
  }
}
