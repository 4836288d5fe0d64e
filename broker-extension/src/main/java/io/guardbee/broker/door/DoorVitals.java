package io.guardbee.broker.door;

import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.trust.Trust;
import io.guardbee.broker.watch.Vitals;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What this node is at, by those who know. */
record DoorVitals(StatusIndex index, Trust trust, LiveConnections live, PolicyInForce policy)
    implements Vitals {

  @Override
  public boolean isKnown() {
    return index.isKnown();
  }

  @Override
  public long feedEvent() {
    return index.event();
  }

  @Override
  public Instant contact() {
    return index.contact();
  }

  @Override
  public long indexEntries() {
    return index.size();
  }

  @Override
  public long indexBytes() {
    return index.bytes();
  }

  @Override
  public int connections() {
    return live.size();
  }

  @Override
  public int identities() {
    return live.identities();
  }

  @Override
  public long policyVersion() {
    return policy.version();
  }

  @Override
  public @Nullable RefusedVersion policyRefused() {
    return policy.refused().orElse(null);
  }

  @Override
  public long policyObserved() {
    return policy.observedVersion();
  }

  @Override
  public String feedRefused() {
    String refusal = index.refusal().isEmpty() ? trust.refusal() : index.refusal();
    return refusal.isEmpty() && policy.isLost()
        ? policy.refused().map(RefusedVersion::reason).orElse("")
        : refusal;
  }
}
