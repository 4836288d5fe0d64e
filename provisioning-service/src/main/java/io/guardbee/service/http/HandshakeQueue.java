package io.guardbee.service.http;

import io.guardbee.service.limit.Network;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Lets few TLS handshakes compute at one time, each of which costs a signature of the module, and
 * has networks take turns: issuance is left the rest of the module and of the processors, and one
 * address that begins many handshakes delays its own. Networks from which operators and brokers
 * have come before go first, but for one turn in four. What waits holds no thread. Thread-safe.
 */
final class HandshakeQueue {

  private static final int MOST_PROVEN = 1_024;
  private static final int STRANGERS_EVERY = 4; // turns

  private final int atOnce;
  private final Turns privileged = new Turns();
  private final Turns strangers = new Turns();
  private final Set<Network> proven = new LinkedHashSet<>(); // seen longest ago first
  private int running;
  private int turn;

  HandshakeQueue(int atOnce) {
    this.atOnce = atOnce;
  }

  /** An operator or a broker has come from there. */
  synchronized void proven(Network network) {
    proven.remove(network);
    proven.add(network);
    if (proven.size() > MOST_PROVEN) {
      proven.remove(proven.iterator().next());
    }
  }

  /** Runs the step now if there is a place, else when it is that network's turn. */
  void run(Network network, Runnable step) {
    synchronized (this) {
      if (running >= atOnce) {
        (proven.contains(network) ? privileged : strangers).add(network, step);
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
    turn = (turn + 1) % STRANGERS_EVERY;
    Turns first = turn == 0 ? strangers : privileged;
    Runnable next = first.poll();
    return next != null ? next : (first == strangers ? privileged : strangers).poll();
  }

  /** What waits, a queue for each network. */
  private static final class Turns {
    private final Map<Network, Deque<Runnable>> waiting = new LinkedHashMap<>(); // next turn first

    void add(Network network, Runnable step) {
      waiting.computeIfAbsent(network, first -> new ArrayDeque<>()).add(step);
    }

    @Nullable Runnable poll() {
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
}
