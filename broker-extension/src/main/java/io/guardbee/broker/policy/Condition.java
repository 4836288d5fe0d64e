package io.guardbee.broker.policy;

import java.util.List;
import java.util.Set;

/**
 * One line of a rule's {@code when}: the attribute has one of these values, compared exactly.
 *
 * @param values in the order of the policy, for messages
 */
record Condition(AttributeName attribute, Set<String> values) {

  /** What one condition finds. */
  enum Outcome {
    HOLDS,
    FAILS,
    /** The attribute appears twice: the certificate would choose. */
    AMBIGUOUS
  }

  Outcome test(Attributes attributes) {
    List<String> all = attributes.values(attribute);
    if (all.size() == 1) {
      return values.contains(all.get(0)) ? Outcome.HOLDS : Outcome.FAILS;
    }
    if (all.size() > 1 && !attribute.mayRepeat()) {
      return Outcome.AMBIGUOUS;
    }
    return all.stream().anyMatch(values::contains) ? Outcome.HOLDS : Outcome.FAILS;
  }

  /** Such as {@code subject.OU is sensor}. */
  @Override
  public String toString() {
    return attribute + " is " + String.join(" or ", values);
  }
}
