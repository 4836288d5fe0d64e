package io.guardbee.broker.door;

import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.PolicyFile;
import org.jspecify.annotations.Nullable;

/** INTERIM until the policy package keeps what the service tells: the policies in force here. */
final class Rulebook {

  /**
   * A policy with its number.
   *
   * @param version 0 for the file's
   */
  record Edition(long version, Policy policy) {}

  private final PolicyFile file;
  private volatile @Nullable Edition told;
  private volatile @Nullable Edition observed;

  Rulebook(PolicyFile file) {
    this.file = file;
  }

  Policy current() {
    Edition edition = told;
    return edition == null ? file.current() : edition.policy();
  }

  long version() {
    Edition edition = told;
    return edition == null ? 0 : edition.version();
  }

  @Nullable Edition observed() {
    return observed;
  }

  boolean refresh() {
    return told == null && file.refresh();
  }

  void enforce(long version, String text) {
    told = new Edition(version, Policy.parse(text, "policy version " + version));
    observed = null;
  }

  Policy observe(long version, String text) {
    Policy policy = Policy.parse(text, "policy version " + version);
    observed = new Edition(version, policy);
    return policy;
  }

  Policy foresee(long version, String text) {
    return Policy.parse(text, "policy version " + version);
  }

  void withdraw() {
    observed = null;
  }
}
