package io.guardbee.service.feed;

/**
 * What brokers have ended for one event, together.
 *
 * @param sessionsEnded live connections that were closed
 * @param sessionsPending sessions that are still being deleted, which nobody can use any more
 * @param retainedCleared retained messages of revoked devices that were cleared
 * @param retainedPending brokers that are still looking for retained messages to clear
 */
public record Totals(
    int sessionsEnded, int sessionsPending, int retainedCleared, int retainedPending) {

  static final Totals NONE = new Totals(0, 0, 0, 0);

  Totals and(Totals more) {
    return new Totals(
        sessionsEnded + more.sessionsEnded,
        sessionsPending + more.sessionsPending,
        retainedCleared + more.retainedCleared,
        retainedPending + more.retainedPending);
  }

  /**
   * The same with the larger of what is pending here and there, which one broker has told twice.
   */
  Totals orPending(Totals told) {
    return new Totals(
        sessionsEnded,
        Math.max(sessionsPending, told.sessionsPending),
        retainedCleared,
        Math.max(retainedPending, told.retainedPending));
  }
}
