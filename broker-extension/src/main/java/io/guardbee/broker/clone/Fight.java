package io.guardbee.broker.clone;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The take-overs of one certificate's connections by itself from other places. A device that roams
 * goes from place to place; two that hold the same key take the connection from each other again
 * and again: the sign is the coming back. Guarded by whoever holds it.
 */
final class Fight {

  /** How far back it looks, in nanoseconds. */
  static final long WINDOW = 60_000_000_000L;

  /** So many returns within the window are a fight. */
  static final int RETURNS = 3;

  private static final int KEPT = 16;

  private record Move(Place from, Place to, long at) {}

  private final Deque<Move> moves = new ArrayDeque<>();

  /**
   * A connection from one place took over the one from another.
   *
   * @param now by {@link System#nanoTime}
   * @return the places of the fight; empty when it is none
   */
  Set<String> move(Place from, Place to, long now) {
    forget(now);
    moves.addLast(new Move(from, to, now));
    if (moves.size() > KEPT) {
      moves.removeFirst();
    }
    int returns = 0;
    Set<String> left = new LinkedHashSet<>();
    Set<String> places = new LinkedHashSet<>();
    for (Move move : moves) {
      left.add(move.from().network());
      places.add(move.from().address());
      places.add(move.to().address());
      returns += left.contains(move.to().network()) ? 1 : 0;
    }
    return returns >= RETURNS ? places : Set.of();
  }

  private void forget(long now) {
    while (!moves.isEmpty() && now - moves.getFirst().at() > WINDOW) {
      moves.removeFirst();
    }
  }

  boolean isOver(long now) {
    forget(now);
    return moves.isEmpty();
  }
}
