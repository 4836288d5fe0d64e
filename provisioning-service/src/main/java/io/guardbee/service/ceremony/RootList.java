package io.guardbee.service.ceremony;

import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.RootListState;
import io.guardbee.service.authority.RootListState.Need;
import io.guardbee.service.ceremony.Ceremonies.CrlOrder;
import io.guardbee.service.schedule.PeriodicTask;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the end of the root's list of revoked authorities: programs that check the whole chain
 * refuse every certificate after it. Where the root's key is in the embedded token the next list is
 * signed from here; else a warning a day asks for the ceremony. Thread-safe.
 */
public final class RootList {

  private static final Logger LOG = LoggerFactory.getLogger(RootList.class);

  private static final PeriodicTask.Settings SETTINGS =
      new PeriodicTask.Settings(
          "root-list", Duration.ofHours(1), "the root's list of revoked CAs is not looked at");
  private static final Duration WARNED = Duration.ofDays(1);

  private final Ceremonies ceremonies;
  private final Optional<Pkcs11Uri> root;
  private final Clock clock;
  private @Nullable Instant warned;

  /**
   * @param root the token in which this process may use the root's key by itself; empty for none
   */
  public RootList(Ceremonies ceremonies, Optional<Pkcs11Uri> root, Clock clock) {
    this.ceremonies = ceremonies;
    this.root = root;
    this.clock = clock;
  }

  /** The list now. */
  public RootListState state() {
    try {
      return of(ceremonies.list(), clock.instant());
    } catch (IOException | RefusedException e) {
      return new RootListState(
          Need.MISSING, null); // one that does not read is no list for others either
    }
  }

  private static RootListState of(Optional<RootCrl> list, Instant now) {
    if (list.isEmpty()) {
      return new RootListState(Need.MISSING, null);
    }
    Instant end = list.get().nextUpdate();
    if (!now.isBefore(end)) {
      return new RootListState(Need.ENDED, end);
    }
    return new RootListState(now.isBefore(list.get().due()) ? Need.NONE : Need.DUE, end);
  }

  /**
   * Looks once.
   *
   * @return whether a new list was signed
   */
  public boolean look() throws IOException {
    RootListState state = state();
    if (state.need() == Need.NONE) {
      return false;
    }
    if (root.isPresent() && sign(root.get())) {
      return true;
    }
    warn(state);
    return false;
  }

  private boolean sign(Pkcs11Uri place) throws IOException {
    try {
      ceremonies.crl(place, new CrlOrder(Map.of(), CrlOrder.VALIDITY));
      LOG.info("signed the next list of revoked CAs: {}", state().text());
      return true;
    } catch (RefusedException e) {
      if (e.reason() != Reason.KEY_MISSING) { // a root that is kept elsewhere is no failure
        LOG.error("the next list of revoked CAs was not signed: {}", e.line());
      }
      return false;
    }
  }

  private synchronized void warn(RootListState state) {
    Instant now = clock.instant();
    if (warned == null || !now.isBefore(warned.plus(WARNED))) {
      warned = now;
      LOG.warn(
          "{}: programs that check the whole chain, such as nginx, refuse every certificate without"
              + " it; bring the root's token and run guardbee ca crl",
          state.text());
    }
  }

  /**
   * Looks every hour from now on.
   *
   * @param signed run after a new list was signed
   */
  public AutoCloseable watch(PeriodicTask.Work signed) {
    return PeriodicTask.start(
        SETTINGS,
        () -> {
          if (look()) {
            signed.run();
          }
        });
  }
}
