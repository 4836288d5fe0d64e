package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which identity may use which client ids and topics. Immutable and thread-safe. A policy exists
 * only if it parsed and its own tests passed.
 */
public record Policy(List<Rule> rules, List<PolicyTest> tests) {

  public Policy {
    rules = List.copyOf(rules);
    tests = List.copyOf(tests);
  }

  /**
   * Reads a policy and runs its tests.
   *
   * @param file its name, for messages
   * @throws RefusedException {@link Reason#POLICY_INVALID} when it does not parse, has an unknown
   *     key or fails a test; the message names the place
   */
  public static Policy parse(String text, String file) {
    Policy policy = PolicyReader.read(Section.parse(text, file, Reason.POLICY_INVALID));
    List<String> failures =
        policy.tests.stream().flatMap(test -> test.failures(policy).stream()).toList();
    if (!failures.isEmpty()) {
      throw new RefusedException(
          Reason.POLICY_INVALID,
          file + " fails its own tests: " + String.join("; ", failures),
          "mend the rule or the test, and try it with guardbee policy check");
    }
    return policy;
  }

  /** Reads a file as {@link #parse} does. */
  public static Policy read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new RefusedException(
          Reason.POLICY_INVALID, "cannot read " + file, "check the path and its permissions");
    }
  }

  /**
   * The rights of an identity: those of the first rule that matches.
   *
   * @throws RefusedException {@link Reason#POLICY_NO_RULE} when none matches, {@link
   *     Reason#ATTRIBUTE_INVALID} when a value that is needed is missing, ambiguous or hostile
   */
  public Rights rightsOf(Attributes attributes) {
    for (Rule rule : rules) {
      if (rule.matches(attributes)) {
        return rule.rightsOf(attributes);
      }
    }
    throw new RefusedException(
        Reason.POLICY_NO_RULE,
        "no rule of the policy matches "
            + Quoted.of(
                "OU=" + String.join(",", attributes.values().getOrDefault("subject.OU", List.of())))
            + " of issuer "
            + attributes.values().getOrDefault("issuer", List.of()),
        "add a rule for this profile to the policy");
  }

  /** How many statements its tests make. */
  public int statements() {
    return tests.stream().mapToInt(test -> test.may().size() + test.mayNot().size()).sum();
  }
}
