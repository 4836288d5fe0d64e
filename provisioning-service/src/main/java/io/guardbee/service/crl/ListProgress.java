package io.guardbee.service.crl;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Up to which event of the feed the lists in force tell, for those who wait for one. Thread-safe.
 */
final class ListProgress {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long reached = -1;
  private long wanted = -1;
  private long failures;

  /** The lists in force tell everything up to that event. */
  void reached(long event) {
    lock.lock();
    try {
      reached = Math.max(reached, event);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** They could not be made: nobody need wait for the end of the time. */
  void failed() {
    lock.lock();
    try {
      failures++;
      wanted = reached;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether someone waits for a later event than is reached. */
  boolean isWanted() {
    lock.lock();
    try {
      return wanted > reached;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits.
   *
   * @param begin has the lists made
   * @return false when the time is over, or making them failed
   */
  boolean await(long event, Duration patience, Runnable begin) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      long failuresBefore = failures;
      wanted = Math.max(wanted, event);
      if (reached < event) {
        begin.run();
      }
      while (reached < event && failures == failuresBefore && left > 0) {
        left = changed.awaitNanos(left);
      }
      return reached >= event;
    } finally {
      lock.unlock();
    }
  }
}
