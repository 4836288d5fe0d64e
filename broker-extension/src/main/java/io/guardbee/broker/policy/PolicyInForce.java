package io.guardbee.broker.policy;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy that decides, and the one that is only observed. Until the service has sent its first
 * version a file beside the broker decides, and is followed; from then on the service's versions
 * do, kept on disk across restarts. Where one had been told and is no longer there, or is damaged,
 * nobody comes in until the service tells it again: the file may allow more. What asks ({@link
 * #current} and the like) may be called by any thread and never waits; what changes may be called
 * by any thread that may wait for a disk.
 */
public final class PolicyInForce {

  private static final Logger LOG = LoggerFactory.getLogger(PolicyInForce.class);

  /** One picture of all, so that no reader sees half of a change. */
  private record State(
      Version enforced, @Nullable Version observed, @Nullable RefusedVersion refused) {}

  private final Path file;
  private final PolicyStore store;
  private volatile boolean lost;
  private byte[] seen;
  private @Nullable Version foreseen;
  private volatile State state;

  private PolicyInForce(Path file, PolicyStore store, boolean lost, State state, byte[] seen) {
    this.file = file;
    this.store = store;
    this.lost = lost;
    this.state = state;
    this.seen = seen;
  }

  /**
   * Finds what decides at the start: the service's version that was kept; where none had been told,
   * the file.
   *
   * @param folder where the service's versions are kept, made when missing
   * @param told the service's version that was acknowledged; 0 for none
   * @throws RefusedException {@link Reason#POLICY_INVALID} when the file is to decide and not good
   */
  public static PolicyInForce open(Path file, Path folder, long told) {
    byte[] seen = bytes(file); // before it is read: what is written meanwhile is another
    PolicyStore store = new PolicyStore(folder);
    try {
      PolicyStore.Kept kept = store.exists() ? store.load() : PolicyStore.Kept.NOTHING;
      if (told > 0 && !kept.wasTold()) {
        throw new IOException(
            store.exists() ? "it holds no version to enforce" : "it does not exist");
      }
      State state = new State(first(kept, file), kept.observed(), kept.refused());
      return new PolicyInForce(file, store, false, state, seen);
    } catch (IOException e) {
      RefusedVersion gone = new RefusedVersion(told, store + " is lost: " + e.getMessage());
      LOG.error(
          "no new connections until the service tells the policy again: {} had been told, and {};"
              + " {} does not take its place",
          gone.name(),
          gone.reason(),
          file);
      State state = new State(new Version(0, Policy.none()), null, gone);
      return new PolicyInForce(file, store, true, state, seen);
    }
  }

  private static Version first(PolicyStore.Kept kept, Path file) {
    Version told = kept.enforced();
    if (told != null) {
      LOG.info(
          "policy version {} of the service is in force, {} tests passed; {} is not followed",
          told.number(),
          told.policy().statements(),
          file);
      return told;
    }
    Policy policy = Policy.read(file);
    LOG.info(
        "policy {}: {} rules, {} tests passed",
        file,
        policy.ruleNames().size(),
        policy.statements());
    return new Version(0, policy);
  }

  /** The policy that decides. */
  public Policy current() {
    return state.enforced().policy();
  }

  /** The number of the policy that decides: 0 while the file does. */
  public long version() {
    return state.enforced().number();
  }

  /** The policy that decides together with its number. */
  public Version enforced() {
    return state.enforced();
  }

  /** The policy whose refusals are only counted. */
  public Optional<Policy> observed() {
    return observing().map(Version::policy);
  }

  /** The same together with its number. */
  public Optional<Version> observing() {
    return Optional.ofNullable(state.observed());
  }

  /** The number of the policy that is observed: 0 when none is. */
  public long observedVersion() {
    return observing().map(Version::number).orElse(0L);
  }

  /**
   * Whether a version of the service had been told but is missing or damaged: the service is to be
   * asked for its whole status again.
   */
  public boolean isLost() {
    return lost && version() == 0;
  }

  /** The version of the service that was last to be enforced, here or not; 0 for none. */
  public long told() {
    return refused().map(RefusedVersion::number).orElse(version());
  }

  /**
   * The service has no version in force: where one was lost or not taken, the file decides again.
   *
   * @throws RefusedException {@link Reason#POLICY_INVALID}, {@link Reason#STORAGE_FAILED}; then
   *     nobody comes in
   */
  public synchronized void noneInForce() {
    if (version() > 0 || state.refused() == null) {
      return;
    }
    change(new State(new Version(0, Policy.read(file)), state.observed(), null));
    lost = false;
    LOG.warn("the service has no policy in force: {} decides", file);
  }

  /**
   * Puts a version of the service in force. It is on the disk when this returns. Ends its own
   * observation. When it fails the policy in force goes on to decide for open connections, and
   * {@link #refused} tells it until some version of the service is in force, restarts included.
   *
   * @return whether another policy decides now: false when the same was told again
   * @throws RefusedException {@link Reason#POLICY_INVALID} when it is no good policy, {@link
   *     Reason#STORAGE_FAILED} when it cannot be kept
   */
  public synchronized boolean enforce(long version, String text) {
    try {
      return putInForce(version, text);
    } catch (RuntimeException e) {
      String reason = e instanceof RefusedException refused ? refused.line() : e.toString();
      refuse(new RefusedVersion(version, Quoted.line(reason)));
      throw e;
    }
  }

  /** The memory first: it holds even when the disk is what is wrong. */
  private void refuse(RefusedVersion refused) {
    State next = new State(state.enforced(), state.observed(), refused);
    boolean same = next.equals(state);
    state = next;
    LOG.error(
        "no new connections: policy version {} is in force and cannot be applied here: {}",
        refused.number(),
        refused.reason());
    if (!same) {
      try {
        save(next);
      } catch (IOException e) {
        LOG.error("that is not kept for a restart: {} cannot be written: {}", store, e.toString());
      }
    }
  }

  /** The version that the service has in force and this node does not take; empty for none. */
  public Optional<RefusedVersion> refused() {
    return Optional.ofNullable(state.refused());
  }

  private boolean putInForce(long version, String text) {
    State before = state;
    boolean same = before.enforced().is(version, text);
    Version told = same ? before.enforced() : read(version, text);
    Version observed = before.observed();
    if (observed != null && observed.number() == version) {
      observed = null;
    }
    change(new State(told, observed, null));
    if (!same) {
      LOG.info(
          "policy version {} is in force, {} tests passed", version, told.policy().statements());
    }
    return !same;
  }

  /**
   * Observes a version of the service while the other goes on to decide.
   *
   * @return whether another policy is observed now
   * @throws RefusedException as {@link #enforce}
   */
  public synchronized boolean observe(long version, String text) {
    Version before = state.observed();
    if (before != null && before.is(version, text)) {
      return false;
    }
    change(new State(state.enforced(), read(version, text), state.refused()));
    LOG.info("policy version {} is observed, {} decides", version, version());
    return true;
  }

  /**
   * Reads a version; what decides and what is observed stays as it is.
   *
   * @throws RefusedException {@link Reason#POLICY_INVALID}
   */
  public synchronized Policy foresee(long version, String text) {
    foreseen = read(version, text);
    return foreseen.policy();
  }

  /** What was foreseen is mostly what comes next, and a large one takes its time to read. */
  private Version read(long version, String text) {
    Version known = foreseen;
    foreseen = null;
    return known != null && known.is(version, text) ? known : Version.read(version, text);
  }

  /**
   * Ends the observation of that version; changes nothing when it is not observed.
   *
   * @return whether it was
   * @throws RefusedException {@link Reason#STORAGE_FAILED}
   */
  public synchronized boolean withdraw(long version) {
    Version observed = state.observed();
    if (observed == null || observed.number() != version) {
      return false;
    }
    change(new State(state.enforced(), null, state.refused()));
    LOG.info("policy version {} is no longer observed", version);
    return true;
  }

  /** The disk first: what a restart would not know must not decide. */
  private void change(State next) {
    if (next.equals(state)) {
      return;
    }
    try {
      save(next);
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          "policy cannot be written to " + store + ": " + e.getMessage(),
          "make room there, then apply it again");
    }
    state = next;
  }

  private void save(State next) throws IOException {
    Version enforced = next.enforced().number() > 0 ? next.enforced() : null;
    store.save(new PolicyStore.Kept(enforced, next.observed(), next.refused()));
  }

  /**
   * Looks whether the file changed, to be called about every second. While the file decides, a good
   * one comes into force; with a broken one the policy in force stays.
   *
   * @return whether another policy decides now
   */
  public synchronized boolean refresh() {
    byte[] now = bytes(file);
    if (Arrays.equals(now, seen)) {
      return false;
    }
    seen = now;
    if (isLost()) {
      return false;
    }
    if (version() > 0) {
      LOG.warn(
          "policy {} changed, but version {} of the service decides: use guardbee policy apply",
          file,
          version());
      return false;
    }
    try {
      Policy policy = Policy.read(file);
      state = new State(new Version(0, policy), state.observed(), state.refused());
      LOG.info("policy {} changed and is in force, {} tests passed", file, policy.statements());
      return true;
    } catch (RefusedException e) {
      LOG.error("policy not applied, the one before stays in force: {}", e.line());
      return false;
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return new byte[0]; // Policy.read tells it
    }
  }
}
