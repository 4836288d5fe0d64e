package io.guardbee.service.feed;

/** What follows when a broker shows that the database is an older copy of what it was. */
@FunctionalInterface
public interface Rollback {

  /**
   * A broker has applied an event of this history that the database does not hold.
   *
   * @param node which broker says so
   * @return whether another history has begun; if not, the broker cannot be served
   */
  boolean found(String node, String feed, long event);
}
