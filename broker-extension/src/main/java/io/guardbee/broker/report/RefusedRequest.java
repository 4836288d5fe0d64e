package io.guardbee.broker.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * PUBLISH or SUBSCRIBE packets of one kind that a device's rights refused since the last report.
 *
 * @param first when the first of them was refused
 * @param last when the last was
 * @param address of the peer, null where the broker does not know it
 */
public record RefusedRequest(
    Kind kind, long times, Instant first, Instant last, @Nullable String address) {

  /**
   * What is counted together.
   *
   * @param deviceId null for all that are too many to be told apart
   * @param action {@code publish} or {@code subscribe}
   * @param filter the topic or topic filter, shortened so that it takes few values
   * @param reason the code of the decision, such as {@code uncovered}
   */
  public record Kind(@Nullable String deviceId, String action, String filter, String reason) {}
}
