package io.guardbee.broker.policy;

import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy in force, followed in its file. {@link #current} may be called by any thread and never
 * waits; {@link #refresh} by one thread at a time.
 */
public final class PolicyFile {

  private static final Logger LOG = LoggerFactory.getLogger(PolicyFile.class);

  private final Path file;
  private byte[] seen;
  private volatile Policy current;

  private PolicyFile(Path file, byte[] seen, Policy current) {
    this.file = file;
    this.seen = seen;
    this.current = current;
  }

  /**
   * Reads the file for the first time.
   *
   * @throws RefusedException when there is no good policy to begin with
   */
  public static PolicyFile open(Path file) {
    byte[] bytes = bytes(file);
    Policy policy = Policy.read(file);
    LOG.info("policy {}: {} rules, {} tests passed", file, policy.rules().size(), tested(policy));
    return new PolicyFile(file, bytes, policy);
  }

  public Policy current() {
    return current;
  }

  /**
   * Looks whether the file changed; a good policy comes into force, with a broken one the policy in
   * force stays.
   *
   * @return whether another policy is in force now
   */
  public boolean refresh() {
    byte[] now = bytes(file);
    if (Arrays.equals(now, seen)) {
      return false;
    }
    seen = now;
    try {
      current = Policy.read(file);
      LOG.info("policy {} changed and is in force, {} tests passed", file, tested(current));
      return true;
    } catch (RefusedException e) {
      LOG.error("policy not applied, the one before stays in force: {}", e.line());
      return false;
    }
  }

  private static int tested(Policy policy) {
    return policy.statements();
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return new byte[0]; // Policy.read tells it
    }
  }
}
