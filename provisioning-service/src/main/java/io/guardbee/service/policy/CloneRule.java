package io.guardbee.service.policy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Whether the version in force says {@code clones: suspend} anywhere. That is all the service reads
 * in a policy: which rule is meant for which device, brokers know. Thread-safe.
 */
public final class CloneRule {

  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final String KEY = "clones";
  private static final String SUSPEND = "suspend";

  /** A text never changes: each version is read once. */
  private volatile Read last = new Read(0, false);

  private record Read(long version, boolean suspends) {}

  /**
   * Looks at the version in force, as part of the caller's transaction.
   *
   * @return false while no version is in force: the brokers' own files are not known here
   */
  public boolean isSuspendAllowed(Handle tx) {
    long version = Head.read(tx).inForce();
    if (version == 0) {
      return false;
    }
    Read known = last;
    if (known.version() != version) {
      Optional<String> text = Versions.text(tx, version);
      known = new Read(version, text.filter(CloneRule::says).isPresent());
      last = known;
    }
    return known.suspends();
  }

  /** Of a text that does not parse nothing is believed. */
  static boolean says(String policy) {
    try {
      return says(YAML.readTree(policy));
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean says(JsonNode document) {
    Deque<JsonNode> left = new ArrayDeque<>();
    left.push(document);
    while (!left.isEmpty()) {
      JsonNode node = left.pop();
      if (node.path(KEY).isString() && node.path(KEY).asString().equals(SUSPEND)) {
        return true;
      }
      node.forEach(left::push);
    }
    return false;
  }
}
