package io.guardbee.service.revocation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.guardbee.pki.Reason;
import io.guardbee.service.feed.BrokerNodes.Acknowledgement;
import io.guardbee.service.feed.Totals;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a revocation, a suspension or its end did.
 *
 * @param deviceId null where it is not known whose certificates they are
 * @param serials the certificates that are now revoked, on hold, or good again
 * @param nodes every broker that is connected or was heard of within 30 days, and whether it has
 *     applied the change
 * @param totals what the brokers have ended for it, as fields of the receipt itself
 * @param elapsedMs from the request to the last acknowledgement
 * @param listed whether the published lists of revoked certificates hold it; else they follow
 * @param listedMs from the request to that list
 * @param notCovered null unless the change keeps no certificate out
 */
public record Receipt(
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String deviceId,
    List<String> serials,
    List<Acknowledgement> nodes,
    @JsonUnwrapped Totals totals,
    long elapsedMs,
    boolean listed,
    long listedMs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable NotCovered notCovered) {

  public Receipt {
    serials = List.copyOf(serials);
    nodes = List.copyOf(nodes);
  }

  /**
   * Why a change keeps no certificate out, which the caller may well have wanted.
   *
   * @param reason stable, for programs
   */
  public record NotCovered(String reason, String detail, String nextStep) {}

  /** The same; where it lists no certificate, with that said. */
  Receipt requireCovered(String detail, String nextStep) {
    return serials.isEmpty()
        ? new Receipt(
            deviceId,
            serials,
            nodes,
            totals,
            elapsedMs,
            listed,
            listedMs,
            new NotCovered(Reason.NO_CERTIFICATE_COVERED.toString(), detail, nextStep))
        : this;
  }

  /** As {@link #requireCovered(String, String)}, of a change to all that a device has. */
  Receipt requireCovered() {
    return requireCovered(
        "device " + deviceId + " has no certificate on record that is not past its end",
        "a certificate that it holds all the same (issued after a backup that was restored) is"
            + " revoked by file: guardbee revoke --cert FILE");
  }
}
