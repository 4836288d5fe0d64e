package io.guardbee.broker.watch;

import io.guardbee.broker.policy.RefusedVersion;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What this node is at, for whoever looks. Thread-safe; every answer is quick. */
public interface Vitals {

  /** Whether a status was ever received. */
  boolean isKnown();

  /** The last event that is in force. */
  long feedEvent();

  /** When the service was last heard; {@link Instant#MIN} for never. */
  Instant contact();

  /** Certificates that must not come in. */
  long indexEntries();

  /** Octets of memory that these take. */
  long indexBytes();

  /** Connections that are in. */
  int connections();

  /** Different identities of these. */
  int identities();

  /** The policy version in force; 0 for the file's. */
  long policyVersion();

  /** The version in force that this node does not take, and so takes no connections; or null. */
  @Nullable RefusedVersion policyRefused();

  /** The policy version under observation; 0 for none. */
  long policyObserved();

  /** Why something of the service's feed is not followed; empty when all of it is. */
  String feedRefused();
}
