package io.guardbee.service.feed;

/**
 * What a broker has ended for one event.
 *
 * @param sessionsEnded live connections that it has closed
 * @param sessionsPending sessions that it is still deleting; 0 when they are gone
 * @param retainedCleared retained messages that it has cleared and had not told of before
 * @param retainedPending whether it is still looking for retained messages to clear
 */
public record Ended(
    long event,
    int sessionsEnded,
    int sessionsPending,
    int retainedCleared,
    boolean retainedPending) {

  /** Whether nothing is left to be deleted. */
  boolean isDone() {
    return sessionsPending == 0 && !retainedPending;
  }
}
