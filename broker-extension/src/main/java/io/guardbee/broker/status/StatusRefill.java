package io.guardbee.broker.status;

/**
 * A whole status on its way into the index: certificate by certificate into a table of its own,
 * which takes the place of the old one at the end. For one thread.
 */
public final class StatusRefill {

  private final StatusIndex index;
  private final SipHash hash;
  private final TableLoader loader = new TableLoader();
  private final boolean allNew;
  private final DeviceSet suspended;
  private final DeviceSet revoked;

  StatusRefill(StatusIndex index, SipHash hash, boolean allNew) {
    this.index = index;
    this.hash = hash;
    this.allNew = allNew;
    this.suspended = new DeviceSet(hash);
    this.revoked = new DeviceSet(hash);
  }

  /** Adds one; questions to the index do not see it yet. */
  public void add(BlockedCertificate certificate) {
    Block block = certificate.block();
    loader.add(new Change(hash.of(certificate.key()), Tag.of(block, certificate.until())));
    if (block.dropsSessions() && isNew(certificate.key(), block)) {
      (block == Block.REVOKED ? revoked : suspended).add(certificate.deviceId());
    }
  }

  /** A certificate that was on hold and is revoked now loses more than it has lost. */
  private boolean isNew(CertificateKey key, Block block) {
    Block before = allNew ? null : index.block(key).filter(Block::dropsSessions).orElse(null);
    return before == null || (block == Block.REVOKED && before != Block.REVOKED);
  }

  /**
   * Puts all that was added in the place of what the index knows.
   *
   * @param feed the event log that the number is of
   * @param event the last event that is part of this
   * @return the devices that have lost what they have in the broker by this
   */
  public NewlyBlocked commit(String feed, long event) {
    index.replace(new StatusIndex.State(feed, hash, loader.finish(), true), event);
    DeviceSet forGood = revoked.sealed();
    return new NewlyBlocked(suspended.sealed().or(forGood), forGood, !forGood.isEmpty());
  }
}
