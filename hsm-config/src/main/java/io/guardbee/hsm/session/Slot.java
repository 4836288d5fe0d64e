package io.guardbee.hsm.session;

import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.MechanismInfo;
import io.guardbee.hsm.cryptoki.Remedy;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.profile.VendorProfile;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A token in its slot: sessions that share one login, found again after a fault. Safe for many
 * threads.
 */
public final class Slot {

  /** What a caller does with a session of its own; may run twice, so it must bear that. */
  public interface Work<T> {
    T in(long session) throws CryptokiException;
  }

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_SESSIONS = 32;
  private static final long UNAVAILABLE = -1; // CK_UNAVAILABLE_INFORMATION: the module does not say

  private final Library library;
  private final VendorProfile profile;
  private final Login login;
  private final Circuit circuit;
  private final Object generation = new Object();
  private volatile TokenInfo token;
  private volatile Map<Long, MechanismInfo> mechanisms;
  private volatile SessionPool pool;
  private volatile int users;
  private volatile @Nullable Work<?> trial;
  private volatile boolean isGentleInVain;

  Slot(Library library, TokenInfo token, VendorProfile profile) throws CryptokiException {
    this.library = library;
    this.token = token;
    this.profile = profile;
    this.mechanisms = mechanisms(library.cryptoki(), token.slot());
    this.login = new Login(library.cryptoki(), this::token);
    this.pool = new SessionPool(token.label(), limit(token, profile));
    this.circuit = new Circuit(token.label(), this::repair, Clock.systemUTC());
  }

  private static Map<Long, MechanismInfo> mechanisms(Cryptoki cryptoki, long slot)
      throws CryptokiException {
    return cryptoki.mechanisms(slot).stream()
        .collect(Collectors.toMap(MechanismInfo::number, Function.identity(), (a, b) -> a));
  }

  private static int limit(TokenInfo token, VendorProfile profile) {
    long most = Math.min(MOST_SESSIONS, profile.maxSessions().orElse(MOST_SESSIONS));
    // 0 is CK_EFFECTIVELY_INFINITE; one session is the login's own
    if (token.maxSessions() != 0 && token.maxSessions() != UNAVAILABLE) {
      most = Math.min(most, token.maxSessions() - 1);
    }
    return (int) Math.max(1, most);
  }

  public Cryptoki cryptoki() {
    return library.cryptoki();
  }

  public Library library() {
    return library;
  }

  public TokenInfo token() {
    return token;
  }

  public VendorProfile profile() {
    return profile;
  }

  public String label() {
    return token.label();
  }

  public TokenHealth health() {
    return circuit.health();
  }

  /** What the token can do, by the mechanism's number. */
  public Map<Long, MechanismInfo> mechanisms() {
    return mechanisms;
  }

  public List<MechanismInfo> mechanismList() {
    return mechanisms.values().stream()
        .sorted((a, b) -> Long.compare(a.number(), b.number()))
        .toList();
  }

  /** How many sessions may work at the same time. */
  public int sessions() {
    return pool.limit();
  }

  /** Changes when every object handle has lost its meaning. */
  public int epoch() {
    return library.epoch();
  }

  /** Counts one more user and logs in unless that has happened. */
  public synchronized void open(Pkcs11Uri uri) {
    Pin.Source pin = Pin.source(uri);
    try {
      logIn(pin);
    } catch (RefusedException e) {
      if (e.reason() != Reason.MODULE_FAILED) {
        throw e;
      }
      library.restart(); // whoever used the library before may have left it broken or full
      logIn(pin);
    }
    if (users == 0) {
      circuit.reopen();
      pool = new SessionPool(label(), limit(token, profile));
    }
    users++;
  }

  private void logIn(Pin.Source pin) {
    library.shared(
        () -> {
          login.with(pin);
          return pin;
        });
  }

  /** Counts one user less; the last one's leaving ends the sessions and with them the login. */
  public synchronized void close() {
    users--;
    if (users == 0) {
      circuit.close();
      trial = null;
      library.shared(
          () -> {
            closeIdle(pool);
            login.end();
            return users;
          });
    }
  }

  /**
   * Fails like a dead session when the module has logged us out: it then hides private keys instead
   * of saying so, and a key that is there must never look lost.
   */
  public void requireLogin(long session) throws CryptokiException {
    if (token.isLoginRequired() && !cryptoki().isUserLoggedIn(session)) {
      throw CryptokiException.notLoggedIn();
    }
  }

  /** Fails when the token does not serve: some modules then find nothing instead of saying so. */
  public void requirePresent(long session) throws CryptokiException {
    requireLogin(session);
    cryptoki().info(token.slot());
  }

  /** Held while a key is made: two threads must not both find its label free. */
  public Object generation() {
    return generation;
  }

  /** The work that proves, after a fault, that the token serves again; the first one stays. */
  public void trial(Work<?> work) {
    if (trial == null) {
      trial = work;
    }
  }

  /**
   * Runs the work in a session that is logged in; once more when the session or the connection
   * turned out dead.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED} when the module fails, stays busy, or is
   *     known not to serve; {@link Reason#PIN_WRONG} when it no longer takes the PIN
   */
  public <T> T in(Work<T> work) {
    requireOpen();
    long deadline = System.nanoTime() + PATIENCE;
    int met = circuit.enter(deadline);
    try {
      return attempt(work, deadline);
    } catch (CryptokiException e) {
      if (e.remedy() == Remedy.NONE) {
        throw e.refused(label());
      }
      circuit.mend(met, e.refused(label()), deadline);
    } catch (RefusedException e) {
      if (e.reason() != Reason.PIN_WRONG) {
        throw e;
      }
      circuit.mend(met, e, deadline); // the login was lost and cannot be had again
    }
    return again(work, deadline);
  }

  private <T> T again(Work<T> work, long deadline) {
    int met = circuit.enter(deadline);
    try {
      return attempt(work, deadline);
    } catch (CryptokiException e) {
      RefusedException fault = e.refused(label());
      if (e.remedy() != Remedy.NONE && !serves()) {
        isGentleInVain = true;
        circuit.mend(met, fault, deadline);
      }
      throw fault; // others are served: it is this request that the module cannot bear
    }
  }

  private boolean serves() {
    try {
      library.shared(() -> prove(true));
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  private void requireOpen() {
    if (users == 0) {
      throw new IllegalStateException("token " + Quoted.of(label()) + " is closed");
    }
  }

  private <T> T attempt(Work<T> work, long deadline) throws CryptokiException {
    while (true) {
      SessionPool mine = pool;
      mine.take(deadline);
      try {
        T result = library.shared(() -> inSession(work, mine));
        mine.giveBack();
        return result;
      } catch (CryptokiException e) {
        if (e.remedy() != Remedy.WAIT) {
          mine.giveBack();
          throw e;
        }
        mine.shrink(deadline);
      } catch (RuntimeException | Error e) {
        mine.giveBack();
        throw e;
      }
    }
  }

  private <T> T inSession(Work<T> work, SessionPool mine) throws CryptokiException {
    Long pooled = mine.idle();
    if (pooled == null) {
      return run(work, newSession(), mine);
    }
    try {
      return run(work, pooled, mine);
    } catch (CryptokiException e) {
      if (e.remedy() != Remedy.NEW_SESSION) {
        throw e;
      }
      return run(work, newSession(), mine);
    }
  }

  private long newSession() throws CryptokiException {
    login.ensure(); // first: sessions that wait for the login's own would leave none for it
    long session = cryptoki().openSession(token.slot());
    try {
      login.ensure(session);
      return session;
    } catch (CryptokiException | RuntimeException e) {
      closeQuietly(session);
      throw e;
    }
  }

  private <T> T run(Work<T> work, long session, SessionPool mine) throws CryptokiException {
    boolean good = false;
    try {
      T result = work.in(session);
      good = true;
      return result;
    } finally {
      if (good && mine == pool) {
        mine.keep(session);
        if (users == 0 || mine.isRetired()) {
          closeIdle(mine); // closed or replaced meanwhile: nobody would close it later
        }
      } else {
        closeQuietly(session); // a failed function may have left an operation active in it
      }
    }
  }

  private void closeIdle(SessionPool mine) {
    for (Long session = mine.idle(); session != null; session = mine.idle()) {
      closeQuietly(session);
    }
  }

  private void closeQuietly(long session) {
    try {
      cryptoki().closeSession(session);
    } catch (CryptokiException e) {
      // it is gone already
    }
  }

  /** First the sessions and the login; when that is not enough, the whole library. */
  private void repair() {
    if (isGentleInVain || !isConnected()) {
      isGentleInVain = false;
      library.restart();
      library.shared(() -> connect(false));
    }
  }

  private boolean isConnected() {
    try {
      return library.shared(() -> connect(true));
    } catch (RefusedException e) {
      if (e.reason() == Reason.PIN_WRONG) {
        throw e; // the module answers: nothing but another PIN can help
      }
      return false;
    }
  }

  private boolean connect(boolean strict) {
    try {
      pool.retire();
      closeIdle(pool);
      token = library.locate(token);
      mechanisms = mechanisms(cryptoki(), token.slot());
      SessionWait.open(login::renew);
      pool = new SessionPool(label(), limit(token, profile));
    } catch (CryptokiException e) {
      throw e.refused(label());
    }
    return prove(strict);
  }

  /**
   * Does the trial in a session of its own.
   *
   * @param strict whether the trial's key must still be there
   */
  private boolean prove(boolean strict) {
    try {
      long session = SessionWait.open(this::newSession);
      try {
        requireLogin(session);
        requireDevice(session);
        Work<?> work = trial;
        if (work != null) {
          work.in(session);
        }
      } catch (RefusedException e) {
        if (strict || e.reason() != Reason.KEY_MISSING) {
          throw e;
        }
        trial = null; // the token is back without that key: another will be the trial
      } finally {
        closeQuietly(session);
      }
      return true;
    } catch (CryptokiException e) {
      throw e.refused(label());
    }
  }

  /** Much is answered from the library's memory while the device is away; random octets are not. */
  private void requireDevice(long session) throws CryptokiException {
    if (token.hasRandom()) {
      cryptoki().random(session, new byte[1]);
    }
  }

  /** The library is about to be restarted. */
  void leave() {
    login.leave();
  }

  /** The library has been restarted: no session and no login is left. */
  void forget() {
    login.forget();
    pool = new SessionPool(label(), limit(token, profile));
  }
}
