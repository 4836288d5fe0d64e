package io.guardbee.broker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule: whom it is for, which client ids they use, what they may and must not do, and how much.
 *
 * @param when all must hold
 * @param entries denials first
 */
record Rule(
    String name, List<Condition> when, ClientIdRule clientId, List<Grant> entries, Limits limits) {

  /**
   * A permission before the identity's values stand in its topic.
   *
   * @param like a permission that says all but the filter
   * @param same the permission made ready, where it is the same for everybody
   */
  record Grant(Permission like, Template topic, @Nullable Entry same) {

    static Grant of(Permission like, Template topic) {
      return new Grant(like, topic, topic.isFixed() ? new Entry(like) : null);
    }

    Entry to(Attributes attributes) {
      return same != null ? same : new Entry(like.on(topic.fill(attributes)));
    }
  }

  Rule {
    when = List.copyOf(when);
    entries = List.copyOf(entries);
  }

  /**
   * Whether all conditions hold.
   *
   * @throws io.guardbee.pki.RefusedException when one that decides asks for an attribute that
   *     appears twice
   */
  boolean matches(Attributes attributes) {
    AttributeName ambiguous = null;
    for (Condition condition : when) {
      switch (condition.test(attributes)) {
        case FAILS -> {
          return false;
        }
        case AMBIGUOUS -> ambiguous = condition.attribute();
        case HOLDS -> {}
      }
    }
    if (ambiguous != null) {
      throw Attributes.twice(ambiguous);
    }
    return true;
  }

  /** The first condition that fails; empty when all hold. */
  Optional<Condition> failing(Attributes attributes) {
    return when.stream()
        .filter(condition -> condition.test(attributes) == Condition.Outcome.FAILS)
        .findFirst();
  }

  Rights rightsOf(Attributes attributes) {
    List<Entry> filled = new ArrayList<>(entries.size());
    for (Grant grant : entries) {
      filled.add(grant.to(attributes));
    }
    return new Rights(name, clientId.allowedTo(attributes), limits, filled);
  }

  /** The values that one attribute must have; empty where the rule does not ask for it. */
  Optional<Set<String>> wanted(AttributeName attribute) {
    return when.stream()
        .filter(condition -> condition.attribute().equals(attribute))
        .map(Condition::values)
        .findFirst();
  }
}
