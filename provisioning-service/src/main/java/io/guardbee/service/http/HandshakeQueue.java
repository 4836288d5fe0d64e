package io.guardbee.service.http;

import io.guardbee.service.limit.Network;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Lets few TLS handshakes compute at one time, each of which costs a signature of the module, and
 * has networks take turns: issuance is left the rest of the module and of the processors, and one
 * address that begins many handshakes delays its own. What waits holds no thread. Thread-safe.
 */
final class HandshakeQueue {

  private final int atOnce;
  private final Map<Network, Deque<Runnable>> waiting = new LinkedHashMap<>(); // next turn first
  private int running;

  HandshakeQueue(int atOnce) {
    this.atOnce = atOnce;
  }

  /** Runs the step now if there is a place, else when it is that network's turn. */
  void run(Network network, Runnable step) {
    synchronized (this) {
      if (running >= atOnce) {
        waiting.computeIfAbsent(network, first -> new ArrayDeque<>()).add(step);
        return;
      }
      running++;
    }
    step.run();
  }

  /** A step has ended: the next one takes its place. */
  void leave(Executor executor) {
    Runnable next;
    synchronized (this) {
      next = poll();
      if (next == null) {
        running--;
        return;
      }
    }
    executor.execute(next);
  }

  private @Nullable Runnable poll() {
    Iterator<Map.Entry<Network, Deque<Runnable>>> turns = waiting.entrySet().iterator();
    if (!turns.hasNext()) {
      return null;
    }
    Map.Entry<Network, Deque<Runnable>> turn = turns.next();
    turns.remove();
    Runnable next = turn.getValue().poll();
    if (!turn.getValue().isEmpty()) {
      waiting.put(turn.getKey(), turn.getValue()); // behind the others
    }
    return next;
  }
}
