package io.guardbee.broker.trust;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.AuthorityPath;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.pki.ceremony.AuthorityRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose device certificates may come in: those of {@code trust.issuing}, until the service has told
 * its authorities. What it tells replaces all before, so that an authority that is retired is
 * believed no more. It is believed only as far as ceremony records say so that a root of {@code
 * trust.service} has signed, and that are not older than those known before. Any thread may ask and
 * never waits; one thread at a time tells.
 */
public final class Trust {

  private static final Logger LOG = LoggerFactory.getLogger(Trust.class);

  /**
   * All that is in force at a moment.
   *
   * @param records null until the service has told some
   */
  private record InForce(
      TrustedIssuers issuers,
      Instructions.@Nullable Trust told,
      @Nullable AuthorityRecords records,
      long generation) {}

  private final Anchors anchors;
  private final TrustStore store;
  private final Clock clock;
  private final boolean damaged;
  private volatile InForce inForce;
  private volatile boolean unsaved;
  private volatile String refusal = "";

  private Trust(Anchors anchors, TrustStore store, Clock clock) {
    this.anchors = anchors;
    this.store = store;
    this.clock = clock;
    List<AuthorityPath> own = anchors.paths(clock.instant());
    this.inForce = new InForce(TrustedIssuers.of(Identity.ISSUING, own), null, null, 0);
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
      if (told == null) {
        return true;
      }
      if (told.records().isEmpty()) {
        put(told, null, anchors.recall(told, clock.instant()));
      } else {
        AuthorityRecords records = anchors.records(told);
        put(told, records, anchors.judge(told, records, clock.instant()));
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
      refusal = "";
      return false;
    }
    try {
      AuthorityRecords records = newer(told);
      put(told, records, anchors.judge(told, records, clock.instant()));
      refusal = "";
    } catch (RefusedException e) {
      refusal = e.detail();
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

  /** The records that were told, which go on from those that are known. */
  private AuthorityRecords newer(Instructions.Trust told) {
    AuthorityRecords records = anchors.records(told);
    AuthorityRecords known = inForce.records();
    if (known != null) {
      records.requireFollows(known);
    }
    return records;
  }

  /** Why authorities that the service told are not believed; empty when they are. */
  public String refusal() {
    return refusal;
  }

  /**
   * Requires that a ceremony record of the root says that this one is an operations CA, and that
   * the root has not revoked it. Records that come with its signature count by themselves: the root
   * has signed them.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED}
   */
  public void requireSigner(X509Certificate signer, Instructions.@Nullable Trust told) {
    AuthorityRecords records = inForce.records();
    if (told != null) {
      try {
        records = newer(told);
      } catch (RefusedException e) {
        if (records == null) {
          throw e;
        }
        LOG.warn("ceremony records that came with a signature do not count: {}", e.line());
      }
    }
    if (records == null || !records.isAuthority(Identity.OPERATIONS, signer)) {
      throw untrusted(signer, "is no operations CA by any ceremony record of the root");
    }
    try {
      signer.checkValidity(Date.from(clock.instant()));
    } catch (CertificateException e) {
      throw untrusted(signer, "is not valid now");
    }
  }

  private static RefusedException untrusted(X509Certificate signer, String why) {
    return new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        "the feed is signed by "
            + signer.getSubjectX500Principal()
            + " "
            + Serial.of(signer)
            + ", which "
            + why,
        "see guardbee ca show on the service's machine, and whether trust.service is its root");
  }

  private void put(
      Instructions.Trust told, @Nullable AuthorityRecords records, List<AuthorityPath> paths) {
    InForce before = inForce;
    boolean same = issuing(before).equals(paths.stream().map(AuthorityPath::authority).toList());
    inForce =
        new InForce(
            same ? before.issuers() : TrustedIssuers.of(Identity.ISSUING, paths),
            told,
            records,
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
