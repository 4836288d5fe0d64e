package io.guardbee.service.feed;

/** For a database that nobody puts back. */
public final class NeverPutBack implements Rollback {

  @Override
  public boolean told(String node, String feed, long event) {
    return false;
  }

  @Override
  public void seen(EventLog.End end) {
    throw new AssertionError("nobody has put the database back, which ended with " + end);
  }
}
