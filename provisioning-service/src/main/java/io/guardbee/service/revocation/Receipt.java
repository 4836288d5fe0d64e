package io.guardbee.service.revocation;

import io.guardbee.service.feed.BrokerNodes.Acknowledgement;
import java.util.List;

/**
 * What a revocation, a suspension or its end did.
 *
 * @param serials the certificates that are now revoked, on hold, or good again
 * @param nodes every broker that is connected or was heard of within 30 days, and whether it has
 *     applied the change
 * @param sessionsEnded live connections that the brokers closed for it
 * @param sessionsPending sessions that brokers are still deleting; nobody can use them any more
 * @param elapsedMs from the request to the last acknowledgement
 * @param listed whether the published lists of revoked certificates hold it; else they follow
 * @param listedMs from the request to that list
 */
public record Receipt(
    String deviceId,
    List<String> serials,
    List<Acknowledgement> nodes,
    int sessionsEnded,
    int sessionsPending,
    long elapsedMs,
    boolean listed,
    long listedMs) {

  public Receipt {
    serials = List.copyOf(serials);
    nodes = List.copyOf(nodes);
  }
}
