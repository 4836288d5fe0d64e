package io.guardbee.service.store;

import io.guardbee.pki.Quoted;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.Set;

/** What a failure of either database means, by its SQLSTATE. */
final class SqlFailure {

  /**
   * Unique violation, serialization failure, deadlock, lock time-out (H2, PostgreSQL), concurrent
   * update (H2).
   */
  private static final Set<String> CONTENTION =
      Set.of("23505", "40001", "40P01", "HYT00", "55P03", "90131");

  /** The server stops, has crashed, or starts. */
  private static final Set<String> SERVER_AWAY = Set.of("57P01", "57P02", "57P03");

  /** H2 only. */
  private static final Set<String> DATABASE_CLOSED = Set.of("90098", "90121");

  private static final String DISK_FULL = "53100"; // PostgreSQL only
  private static final String FULL = "No space left on device"; // ENOSPC, in Java's words

  private SqlFailure() {}

  /** Someone else came first: the same work may well succeed now. */
  static boolean isContention(Throwable e) {
    return CONTENTION.contains(state(e));
  }

  /** The connection is gone; there may be another. Not when there was none to be had at all. */
  static boolean isLostConnection(Throwable e) {
    return !hasCause(e, SQLTransientConnectionException.class)
        && (state(e).startsWith("08") || SERVER_AWAY.contains(state(e)));
  }

  /** The disk of the database has no room for the change. */
  static boolean isDiskFull(Throwable e) {
    return state(e).equals(DISK_FULL) || String.valueOf(root(e).getMessage()).contains(FULL);
  }

  private static boolean hasCause(Throwable e, Class<?> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** The innermost SQLSTATE; empty for none. */
  static String state(Throwable e) {
    return innermost(e).map(SQLException::getSQLState).orElse("");
  }

  private static Optional<SQLException> innermost(Throwable e) {
    SQLException found = null;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        found = sql;
      }
    }
    return Optional.ofNullable(found);
  }

  /** One line, without names of Java classes. */
  static String message(Throwable e) {
    if (isDiskFull(e)) {
      return "no space left on device";
    }
    if (DATABASE_CLOSED.contains(state(e))) {
      return "the database has closed itself after a write that failed";
    }
    String message =
        innermost(e).map(SQLException::getMessage).orElseGet(() -> Quoted.failure(root(e)));
    return String.valueOf(message)
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("; SQL statement:.*", "")
        .replaceAll("(\\w+\\.)+\\w+@[0-9a-f]+", "a file");
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
