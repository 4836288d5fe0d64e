package io.guardbee.broker.status;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * What is being deleted in the background, for as long as that takes. Thread-safe. None of it ends
 * with a failure: what fails is tried again.
 *
 * @param sessions completes when the sessions are gone
 * @param remaining how many of them are known to be there still
 * @param retained completes when the retained messages are gone, with their number
 */
public record Deletion(
    CompletableFuture<Void> sessions, IntSupplier remaining, CompletableFuture<Integer> retained) {

  private static final Deletion NOTHING =
      new Deletion(CompletableFuture.completedFuture(null), () -> 0);

  /** No retained message is to be deleted. */
  public Deletion(CompletableFuture<Void> sessions, IntSupplier remaining) {
    this(sessions, remaining, CompletableFuture.completedFuture(0));
  }

  /** There is nothing to delete. */
  public static Deletion nothing() {
    return NOTHING;
  }

  /** The same with retained messages that are being cleared. */
  public Deletion clearing(CompletableFuture<Integer> messages) {
    return new Deletion(sessions, remaining, messages);
  }

  /** Completes when all is gone. */
  CompletableFuture<Void> done() {
    return CompletableFuture.allOf(sessions, retained);
  }

  /** How many sessions are still there: 0 when they are gone, and before that at least 1. */
  int left() {
    return sessions.isDone() ? 0 : Math.max(1, remaining.getAsInt());
  }

  /** What is still there, in words. */
  String rest() {
    List<String> rest = new ArrayList<>();
    if (left() > 0) {
      rest.add("sessions: " + left());
    }
    if (!retained.isDone()) {
      rest.add("retained messages");
    }
    return String.join(", ", rest);
  }

  /** How many retained messages were cleared, as far as that is known by now. */
  Cleared cleared() {
    return retained.isDone() ? new Cleared(retained.join(), false) : Cleared.PENDING;
  }

  /**
   * Retained messages that were cleared.
   *
   * @param pending whether more of them are being looked for
   */
  record Cleared(int messages, boolean pending) {
    static final Cleared NONE = new Cleared(0, false);
    private static final Cleared PENDING = new Cleared(0, true);
  }
}
