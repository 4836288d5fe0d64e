package io.guardbee.service.policy;

/**
 * What brokers were told in one transaction.
 *
 * @param outcome as a {@link Receipt}'s
 * @param detail one line to it, perhaps empty
 * @param event that tells it; 0 when there was nothing to tell
 */
record Order(long version, Mode mode, String outcome, String detail, long event) {

  static Order told(long version, Mode mode, String outcome, long event) {
    return new Order(version, mode, outcome, "", event);
  }

  static Order unchanged(long version, Mode mode, String detail) {
    return new Order(version, mode, "unchanged", detail, 0);
  }

  boolean isTold() {
    return event > 0;
  }
}
