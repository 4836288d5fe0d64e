package io.guardbee.service.revocation;

import java.time.Duration;

/** The published lists of revoked certificates, as a change of status waits for them. */
@FunctionalInterface
public interface PublishedLists {

  /**
   * Has the lists made anew where that is needed, and waits for them.
   *
   * @param event of the feed that told the change
   * @param patience how long it waits
   * @return whether every list holds the change; false when the time is over, or they were not made
   */
  boolean await(long event, Duration patience) throws InterruptedException;
}
