package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A slot with its token: a bounded pool of sessions that share one login. Safe for many threads.
 *
 * <p>Recovery beyond one new session (a removed token, a finalised library) belongs here.
 */
final class Slot {

  /** What a caller does with a session of its own. */
  interface Work<T> {
    T in(long session) throws CryptokiException;
  }

  private static final int MOST_SESSIONS = 16;
  private static final long WAIT_SECONDS = 10;
  private static final long UNAVAILABLE = -1; // CK_UNAVAILABLE_INFORMATION: the module does not say

  private final Cryptoki cryptoki;
  private final TokenInfo token;
  private final Login login;
  private final int limit;
  private final Semaphore free;
  private final ConcurrentLinkedDeque<Long> idle = new ConcurrentLinkedDeque<>();
  private final Object generation = new Object();
  private volatile int users;

  Slot(Cryptoki cryptoki, TokenInfo token) {
    this.cryptoki = cryptoki;
    this.token = token;
    this.login = new Login(cryptoki, token);
    long most = token.maxSessions();
    // 0 is CK_EFFECTIVELY_INFINITE; one session is the login's own
    this.limit =
        most == 0 || most == UNAVAILABLE
            ? MOST_SESSIONS
            : (int) Math.max(1, Math.min(MOST_SESSIONS, most - 1));
    this.free = new Semaphore(limit, true);
  }

  Cryptoki cryptoki() {
    return cryptoki;
  }

  TokenInfo token() {
    return token;
  }

  String label() {
    return token.label();
  }

  /** Counts one more user and logs in unless that has happened. */
  synchronized void open(Pkcs11Uri uri) {
    login.with(Pin.source(uri));
    users++;
  }

  /** Counts one user less; the last one's leaving ends the sessions and with them the login. */
  synchronized void close() {
    users--;
    if (users == 0) {
      closeIdle();
      login.end();
    }
  }

  private void closeIdle() {
    for (Long session = idle.pollFirst(); session != null; session = idle.pollFirst()) {
      closeQuietly(session);
    }
  }

  /**
   * Fails like a dead session when the module has logged us out: it then hides private keys instead
   * of saying so, and a key that is there must never look lost.
   */
  void requireLogin(long session) throws CryptokiException {
    if (token.isLoginRequired() && !cryptoki.isUserLoggedIn(session)) {
      throw CryptokiException.notLoggedIn();
    }
  }

  /** Held while a key is made: two threads must not both find its label free. */
  Object generation() {
    return generation;
  }

  private void requireOpen() {
    if (users == 0) {
      throw new IllegalStateException("token " + Quoted.of(label()) + " is closed");
    }
  }

  /**
   * Runs the work in a session that is logged in. When the session turns out dead the work runs
   * once more, in a new one.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED} when the module fails or stays busy
   */
  <T> T in(Work<T> work) {
    requireOpen();
    take();
    try {
      Long pooled = idle.pollFirst();
      try {
        return run(work, pooled == null ? newSession() : pooled);
      } catch (CryptokiException e) {
        if (!e.isDeadSession()) {
          throw e;
        }
        return run(work, newSession());
      }
    } catch (CryptokiException e) {
      throw e.refused(label());
    } finally {
      free.release();
    }
  }

  private void take() {
    try {
      if (free.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(
          Reason.MODULE_FAILED,
          Quoted.of(label()) + ": interrupted while waiting for a session",
          "try again");
    }
    throw new RefusedException(
        Reason.MODULE_FAILED,
        Quoted.of(label()) + ": all " + limit + " sessions stayed busy for " + WAIT_SECONDS + " s",
        "try again; if it lasts, the module hangs or is too slow for the load");
  }

  private long newSession() throws CryptokiException {
    long session = cryptoki.openSession(token.slot());
    try {
      login.ensure(session);
      return session;
    } catch (CryptokiException | RuntimeException e) {
      closeQuietly(session);
      throw e;
    }
  }

  private <T> T run(Work<T> work, long session) throws CryptokiException {
    boolean good = false;
    try {
      T result = work.in(session);
      good = true;
      return result;
    } finally {
      if (good) {
        idle.addFirst(session);
        if (users == 0) {
          closeIdle(); // closed meanwhile: a session left open would keep the login
        }
      } else {
        closeQuietly(session); // a failed function may have left an operation active in it
      }
    }
  }

  private void closeQuietly(long session) {
    try {
      cryptoki.closeSession(session);
    } catch (CryptokiException e) {
      // it is gone already
    }
  }
}
