package io.guardbee.broker.trust;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.AuthorityPath;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose device certificates may come in: those of {@code trust.issuing}, until the service has told
 * its authorities. What it tells replaces all before, so that an authority that is retired is
 * believed no more; it is believed only where a root of {@code trust.service} vouches for it. Any
 * thread may ask and never waits; one thread at a time tells.
 */
public final class Trust {

  private static final Logger LOG = LoggerFactory.getLogger(Trust.class);

  /** All that is in force at a moment. */
  private record InForce(
      TrustedIssuers issuers, Instructions.@Nullable Trust told, long generation) {}

  private final Anchors anchors;
  private final TrustStore store;
  private final Clock clock;
  private final boolean damaged;
  private volatile InForce inForce;
  private volatile boolean unsaved;

  private Trust(Anchors anchors, TrustStore store, Clock clock) {
    this.anchors = anchors;
    this.store = store;
    this.clock = clock;
    List<AuthorityPath> own = anchors.paths(clock.instant());
    this.inForce = new InForce(TrustedIssuers.of(Identity.ISSUING, own), null, 0);
    this.damaged = !recall();
  }

  /**
   * Reads the files, and what was told before.
   *
   * @param folder where what is told is kept
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a file does not do
   */
  public static Trust open(BrokerConfig config, Path folder, Clock clock) {
    return new Trust(Anchors.read(config), new TrustStore(folder), clock);
  }

  /** Whether what was told before is whole. */
  private boolean recall() {
    try {
      Instructions.Trust told = store.load();
      if (told != null) {
        put(told, anchors.judge(told, clock.instant()));
      }
      return true;
    } catch (IOException | RefusedException e) {
      LOG.error(
          "{} is damaged and not used: {}; the authorities of trust.issuing are believed until the"
              + " service tells its own",
          store.file(),
          e.getMessage());
      return false;
    }
  }

  /** The authorities in force. */
  public TrustedIssuers issuers() {
    return inForce.issuers();
  }

  /** Changes whenever others are in force: who came in before is to be looked at again. */
  public long generation() {
    return inForce.generation();
  }

  /** Whether what was told before is damaged, so that the service has to tell it again. */
  public boolean isLost() {
    return damaged && inForce.told() == null;
  }

  /**
   * Believes what the service tells, in the place of all before, and keeps it on disk. What does
   * not hold is refused as a whole, with a line in the log: what is in force stays.
   *
   * @return whether other authorities are in force now
   * @throws UncheckedIOException when it cannot be kept: it is in force, but must be told again
   */
  public boolean accept(Instructions.Trust told) {
    InForce before = inForce;
    if (told.equals(before.told()) && !unsaved) {
      return false;
    }
    try {
      put(told, anchors.judge(told, clock.instant()));
    } catch (RefusedException e) {
      LOG.error("authorities told by the service are refused, those in force stay: {}", e.line());
      return false;
    }
    boolean changed = !issuing(before).equals(issuing(inForce));
    if (changed) {
      LOG.warn("devices of these authorities may come in from now on: {}", names());
    }
    save(told);
    return changed;
  }

  private void put(Instructions.Trust told, List<AuthorityPath> paths) {
    InForce before = inForce;
    boolean same = issuing(before).equals(paths.stream().map(AuthorityPath::authority).toList());
    inForce =
        new InForce(
            same ? before.issuers() : TrustedIssuers.of(Identity.ISSUING, paths),
            told,
            same ? before.generation() : before.generation() + 1);
  }

  private void save(Instructions.Trust told) {
    unsaved = true;
    try {
      store.save(told);
      unsaved = false;
    } catch (IOException e) {
      throw new UncheckedIOException("authorities not written to " + store.file(), e);
    }
  }

  private static List<X509Certificate> issuing(InForce of) {
    return of.issuers().byRole().getOrDefault(Identity.ISSUING, List.of());
  }

  private List<String> names() {
    return issuing(inForce).stream()
        .map(one -> one.getSubjectX500Principal().getName() + " " + Fingerprint.of(one))
        .toList();
  }
}
