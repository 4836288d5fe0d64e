package io.guardbee.service.ceremony;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.authority.Publication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ceremonies of a home: all that the root's key ever signs. One at a time, across processes;
 * each may be cut off anywhere and run again.
 *
 * <p>A ceremony signs in memory, then writes its record with the signed certificates in it, then
 * puts the files of {@code ca/} in place. A crash before the record leaves at most keys, which the
 * next attempt uses; a crash after it leaves files that the next ceremony or service start writes
 * from the record, without the root.
 */
public final class Ceremonies {

  private static final Logger LOG = LoggerFactory.getLogger(Ceremonies.class);

  private final Path ca;
  private final AuthorityDraft draft;
  private final Clock clock;

  /**
   * @param ca the directory {@code ca/} of the home
   * @param publication where the root's list is found, for the certificates that the root signs;
   *     empty when that is not known: then they do not tell
   */
  public Ceremonies(Path ca, Optional<Publication> publication, SecureRandom random, Clock clock) {
    this.ca = ca;
    this.draft =
        new AuthorityDraft(random, clock, publication.map(Publication::rootList).orElse(""));
    this.clock = clock;
  }

  /**
   * Where the keys are.
   *
   * @param root the root's token; a label in it names the root's key where it is not made yet
   * @param authorities the token of the authorities below
   */
  public record Tokens(Pkcs11Uri root, Token authorities) {}

  /** How a first ceremony makes the authorities. */
  public record Plan(String organization, KeyType rootKey, KeyType authorityKeys) {

    /** With the default kind of key. */
    public static Plan of(String organization) {
      return new Plan(organization, KeyType.EC_P256, KeyType.EC_P256);
    }
  }

  /**
   * What a ceremony did.
   *
   * @param record its signed file; empty when nothing was signed because an earlier ceremony that
   *     had been cut off was brought to its end
   * @param certificates what it signed, the root's own first
   */
  public record Outcome(Optional<Path> record, List<X509Certificate> certificates) {}

  /** The list of revoked authorities to sign. */
  public record CrlOrder(Map<Serial, Optional<CaRevocationReason>> revoke, Duration validity) {

    /** From a list to its end, where nothing else is asked for. */
    public static final Duration VALIDITY = Duration.ofDays(90);

    public CrlOrder {
      revoke = Map.copyOf(revoke);
    }
  }

  /**
   * Before a service starts: makes the authorities in a new home, and ends what was cut off in
   * another. The root's token is needed in a new home only.
   */
  public void prepareFirstStart(Tokens tokens, String organization) throws IOException {
    CeremonyLock.holding(
        ca,
        () -> {
          if (hasBegun()) {
            settle();
            return true;
          }
          Outcome made = new InitCeremony(ca, draft, clock).hold(tokens, Plan.of(organization));
          LOG.info("authorities made; record {}", made.record().orElseThrow());
          return true;
        });
  }

  /**
   * Makes root, issuing CA and operations CA, and signs the root's first list of revoked ones.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when there are authorities
   */
  public Outcome init(Tokens tokens, Plan plan) throws IOException {
    return CeremonyLock.holding(
        ca,
        () -> {
          if (!hasBegun()) {
            return new InitCeremony(ca, draft, clock).hold(tokens, plan);
          }
          if (settle().isEmpty()) {
            throw new RefusedException(
                Reason.CONFIGURATION_INVALID,
                "there are authorities already in " + ca,
                "see them with guardbee ca show; replace one with guardbee ca rollover; for others"
                    + " take another home");
          }
          return new Outcome(Optional.empty(), everything());
        });
  }

  private List<X509Certificate> everything() throws IOException {
    AuthorityFiles files = AuthorityFiles.read(ca);
    return Stream.concat(Stream.of(files.root()), files.below().stream()).toList();
  }

  /**
   * Gives a role a new key and certificate. What its predecessor has signed stays believed.
   *
   * @param type empty for one like its predecessor's
   * @throws RefusedException {@link Reason#KEY_MISSING} when the root's key is not in its token
   */
  public Outcome rollover(Tokens tokens, String role, Optional<KeyType> type) throws IOException {
    return CeremonyLock.holding(
        ca,
        () ->
            settle().contains(role)
                ? new Outcome(Optional.empty(), List.of(AuthorityFiles.read(ca).current(role)))
                : new RolloverCeremony(ca, draft, clock).hold(tokens, role, type));
  }

  /**
   * Signs a list of revoked authorities: what the last one held, and what is ordered.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNKNOWN} for a serial of no authority,
   *     {@link Reason#CONFIGURATION_INVALID} for that of one which signs now
   */
  public Outcome crl(Pkcs11Uri root, CrlOrder order) throws IOException {
    return CeremonyLock.holding(
        ca,
        () -> {
          settle();
          return new CrlCeremony(ca, clock).hold(root, order);
        });
  }

  /** The root's list of revoked authorities; empty when there is none. */
  Optional<RootCrl> list() throws IOException {
    return RootCrl.read(ca, AuthorityFiles.read(ca).root());
  }

  /** What there is, and whether the records hold. Changes nothing. */
  public CaReport report() throws IOException {
    return new Inspection(ca, clock).report();
  }

  private boolean hasBegun() throws IOException {
    boolean files =
        Files.exists(AuthorityFiles.rootFile(ca))
            || AuthorityFiles.ROLES.stream()
                .anyMatch(role -> Files.exists(AuthorityFiles.file(ca, role)));
    return files || !History.read(ca).isEmpty();
  }

  /** The roles whose newest certificate had not come into place. */
  private Set<String> settle() throws IOException {
    History history = History.read(ca);
    if (history.told().stream().anyMatch(told -> !told.state().equals(CaReport.VERIFIED))) {
      LOG.warn("not every ceremony record is verified: see guardbee ca show");
    }
    return history.genuine().isEmpty() ? Set.of() : new Placement(ca, history, clock).complete();
  }
}
