package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bounds the memory of bodies that have not been handled yet. When there is no place for another,
 * the one that has been arriving for longest gives way. Thread-safe.
 */
final class BodiesInFlight {

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final int most;
  private final Set<Body> arriving = new LinkedHashSet<>(); // the longest first
  private int arrived;

  /** The body of one request. */
  static final class Body {
    private final Consumer<RefusedException> giveWay;
    private boolean isWhole;

    Body(Consumer<RefusedException> giveWay) {
      this.giveWay = giveWay;
    }
  }

  BodiesInFlight(int most) {
    this.most = most;
  }

  /** A body begins to arrive. */
  void begin(Body body) {
    Body longest = null;
    synchronized (this) {
      arriving.add(body);
      if (arriving.size() + arrived > most) {
        longest = arriving.iterator().next();
        arriving.remove(longest);
      }
    }
    if (longest != null) {
      longest.giveWay.accept(overloaded());
    }
  }

  private RefusedException overloaded() {
    return new RefusedException(
        Reason.OVERLOADED,
        "more than " + most + " bodies are arriving, and this one is not whole yet",
        "send it again, in one go",
        COME_BACK);
  }

  /** It is here whole. */
  synchronized void whole(Body body) {
    if (arriving.remove(body)) {
      body.isWhole = true;
      arrived++;
    }
  }

  /** Its request is done with. */
  synchronized void end(Body body) {
    arriving.remove(body);
    if (body.isWhole) {
      body.isWhole = false;
      arrived--;
    }
  }
}
