package io.guardbee.service.feed;

/** What follows when it turns out that the database is an older copy of what it was. */
public interface Rollback {

  /**
   * A broker has applied an event of this history that the database does not hold.
   *
   * @param node which broker says so
   * @return whether another history has begun; if not, the broker cannot be served
   */
  boolean told(String node, String feed, long event);

  /**
   * The database does not hold what this process has read from it before; another history has begun
   * when this returns.
   *
   * @param end of the log, as it was
   */
  void seen(EventLog.End end);
}
