package io.guardbee.broker.status;

import java.util.function.Predicate;

/**
 * A whole status on its way into the index: certificate by certificate into a table of its own,
 * which takes the place of the old one at the end. For one thread.
 */
public final class StatusRefill {

  private final StatusIndex index;
  private final SipHash hash;
  private final TableLoader loader = new TableLoader();
  private final boolean allNew;
  private final DeviceSet unwelcome;

  StatusRefill(StatusIndex index, SipHash hash, boolean allNew) {
    this.index = index;
    this.hash = hash;
    this.allNew = allNew;
    this.unwelcome = new DeviceSet(hash);
  }

  /** Adds one; questions to the index do not see it yet. */
  public void add(BlockedCertificate certificate) {
    Block block = certificate.block();
    loader.add(new Change(hash.of(certificate.key()), Tag.of(block, certificate.until())));
    boolean known =
        !allNew && index.block(certificate.key()).filter(Block::dropsSessions).isPresent();
    if (block.dropsSessions() && !known) {
      unwelcome.add(certificate.deviceId());
    }
  }

  /**
   * Puts all that was added in the place of what the index knows.
   *
   * @param feed the event log that the number is of
   * @param event the last event that is part of this
   * @return whether a device, by its id, has lost what it has in the broker by this
   */
  public Predicate<String> commit(String feed, long event) {
    index.replace(new StatusIndex.State(feed, hash, loader.finish(), true), event);
    return unwelcome.sealed();
  }
}
