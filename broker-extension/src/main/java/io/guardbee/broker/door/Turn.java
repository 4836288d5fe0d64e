package io.guardbee.broker.door;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread at a time work on something, without locks: who comes while another is at it
 * leaves word, and that one does the work again. So the work is never done at the same time by two,
 * and always once more after the last that asked. Begins as taken by whoever makes it.
 */
final class Turn {

  private final AtomicInteger asked = new AtomicInteger(1);

  /** Does the work, or leaves it to whoever is at it. */
  void ask(Runnable work) {
    if (asked.getAndIncrement() == 0) {
      finish(work);
    }
  }

  /** Whoever has the turn does the work until nobody has asked meanwhile, and gives it back. */
  void finish(Runnable work) {
    int seen = asked.get();
    while (seen != 0) {
      work.run();
      seen = asked.addAndGet(-seen);
    }
  }
}
