package io.guardbee.broker.door;

import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.watch.Vitals;
import java.time.Instant;

/** What this node is at, by those who know. */
record DoorVitals(StatusIndex index, LiveConnections live) implements Vitals {

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
    return (int) live.all().stream().map(one -> one.visitor().name()).distinct().count();
  }

  @Override
  public long policyVersion() {
    return 0;
  }

  @Override
  public long policyObserved() {
    return 0;
  }
}
