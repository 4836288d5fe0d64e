package io.guardbee.hsm.session;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one login of this process at a token. It holds a session of its own, since the login ends
 * with the last session. A PIN that the token refused is never tried again: tokens lock after few
 * attempts.
 */
final class Login {

  private static final String LOCKED = "is locked after too many attempts";
  private static final long PAUSE_WHEN_LOCKED = TimeUnit.MINUTES.toNanos(1);

  private final Cryptoki cryptoki;
  private final Supplier<TokenInfo> where;
  private final Set<String> refusedPins = new HashSet<>();
  private Pin.@Nullable Source source;
  private @Nullable String acceptedPin;
  private @Nullable Long anchor;
  private long lockedUntil;

  Login(Cryptoki cryptoki, Supplier<TokenInfo> where) {
    this.cryptoki = cryptoki;
    this.where = where;
  }

  /** Logs in, or checks that the PIN is the one that the login in force was made with. */
  synchronized void with(Pin.Source given) {
    try {
      if (acceptedPin == null || !isInForce()) {
        lockedUntil = 0; // somebody asks for it
        logIn(given);
      } else {
        requireSamePin(given, acceptedPin);
      }
    } catch (CryptokiException e) {
      throw e.refused(token().label());
    }
  }

  /** Logs in again where the login's own session has ended. */
  synchronized void ensure() throws CryptokiException {
    if (source != null && !isInForce()) {
      logIn(source);
    }
  }

  /** Logs in again where the module has ended the login. */
  synchronized void ensure(long session) throws CryptokiException {
    if (token().isLoginRequired() && source != null && !cryptoki.isUserLoggedIn(session)) {
      logIn(source);
    }
  }

  /**
   * Logs in anew after a fault, with the PIN that the source holds now.
   *
   * @return whether there is a login now
   */
  synchronized boolean renew() throws CryptokiException {
    if (source != null) {
      logIn(source);
    }
    return acceptedPin != null;
  }

  synchronized void end() {
    endSession();
    source = null;
  }

  /** Some modules keep a key's place in the device until the user logs out. */
  synchronized void leave() {
    try {
      if (anchor != null && token().isLoginRequired()) {
        cryptoki.logout(anchor);
      }
    } catch (CryptokiException e) {
      // the module has ended the login already
    }
  }

  /** The library has been restarted: session and login are gone without our doing. */
  synchronized void forget() {
    anchor = null;
    acceptedPin = null;
  }

  private TokenInfo token() {
    return where.get();
  }

  private void endSession() {
    try {
      if (anchor != null) {
        cryptoki.closeSession(anchor);
      }
    } catch (CryptokiException e) {
      // the module has ended it already
    }
    anchor = null;
    acceptedPin = null;
  }

  private boolean isInForce() {
    try {
      return anchor != null && (!token().isLoginRequired() || cryptoki.isUserLoggedIn(anchor));
    } catch (CryptokiException e) {
      return false;
    }
  }

  private void requireSamePin(Pin.Source given, String accepted) {
    if (!token().isLoginRequired()) {
      return;
    }
    try (Pin pin = given.read()) {
      // a module that is logged in would accept any PIN
      if (!pin.digest().equals(accepted)) {
        throw wrong("is not the one that this process logged in with");
      }
    }
  }

  /** The source is kept when this fails: the next session tries again, but no refused PIN. */
  private void logIn(Pin.Source given) throws CryptokiException {
    endSession();
    long session = cryptoki.openSession(token().slot());
    try {
      acceptedPin = token().isLoginRequired() ? logIn(session, given) : "";
      source = given;
      anchor = session;
    } finally {
      if (anchor == null) {
        cryptoki.closeSession(session);
      }
    }
  }

  private String logIn(long session, Pin.Source given) throws CryptokiException {
    try (Pin pin = given.read()) {
      String digest = pin.digest();
      if (refusedPins.contains(digest)) {
        throw wrong("was refused before and is not tried again");
      }
      if (lockedUntil != 0 && lockedUntil - System.nanoTime() > 0) {
        throw wrong(LOCKED);
      }
      requireSpareTry();
      try {
        cryptoki.login(session, Ck.CKU_USER, pin.characters());
      } catch (CryptokiException e) {
        if (e.isPinLocked()) { // no verdict on this PIN; a TPM unlocks itself after a while
          lockedUntil = System.nanoTime() + PAUSE_WHEN_LOCKED;
          throw wrong(LOCKED);
        }
        if (e.isPinRefused()) {
          refusedPins.add(digest);
          throw wrong("is wrong");
        }
        if (!e.isAlreadyLoggedIn()) { // other code of this process may have come first
          throw e;
        }
      }
      return digest;
    }
  }

  /**
   * Attempts are remembered here per process only: one that is restarted again and again must not
   * lock the token either.
   */
  private void requireSpareTry() throws CryptokiException {
    if (cryptoki.info(token().slot()).isPinFinalTry() && !LastTry.isAllowed()) {
      throw Pin.refused(
          "one wrong PIN more locks token "
              + Quoted.of(token().label())
              + ", so Guardbee does not try the last attempt by itself",
          "make sure of the PIN, then run once: guardbee hsm check --last-try");
    }
  }

  private RefusedException wrong(String what) {
    return Pin.refused(
        "the PIN for token " + Quoted.of(token().label()) + " " + what,
        "put the right PIN into the file that pin-source names, then start again; each attempt"
            + " counts, so Guardbee makes one");
  }
}
