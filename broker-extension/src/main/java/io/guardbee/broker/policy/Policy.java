package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which identity may use which client ids and topics. Immutable and thread-safe. A policy exists
 * only if it parsed and its own tests passed.
 */
public final class Policy {

  private static final int TOLD = 10;
  private static final AttributeName PROFILE = new AttributeName(AttributeName.Kind.PROFILE, "");

  private final String text;
  private final List<Rule> rules;
  private final List<PolicyTest> tests;
  private final RuleIndex index;
  private final RetainedTopics retained;

  Policy(String text, List<Rule> rules, List<PolicyTest> tests) {
    this.text = text;
    this.rules = List.copyOf(rules);
    this.tests = List.copyOf(tests);
    this.index = new RuleIndex(rules);
    this.retained = new RetainedTopics(rules);
  }

  /** Allows nobody anything. */
  static Policy none() {
    return new Policy("", List.of(), List.of());
  }

  /**
   * Reads a policy and runs its tests.
   *
   * @param file its name, for messages
   * @throws RefusedException {@link Reason#POLICY_INVALID} when it does not parse, has an unknown
   *     key, is too large or fails a test; the message names the place
   */
  public static Policy parse(String text, String file) {
    if (text.length() > Bounds.OCTETS
        || text.getBytes(StandardCharsets.UTF_8).length > Bounds.OCTETS) {
      throw tooLarge(file);
    }
    Policy policy = PolicyReader.read(Section.parse(text, file, Reason.POLICY_INVALID), text);
    List<String> failures =
        policy.tests.stream().flatMap(test -> test.failures(policy).stream()).toList();
    if (!failures.isEmpty()) {
      String more = failures.size() > TOLD ? "; and " + (failures.size() - TOLD) + " more" : "";
      throw new RefusedException(
          Reason.POLICY_INVALID,
          file
              + " fails its own tests: "
              + String.join("; ", failures.subList(0, Math.min(TOLD, failures.size())))
              + more,
          "mend the rule or the test, and try it with guardbee policy check");
    }
    return policy;
  }

  private static RefusedException tooLarge(String file) {
    return new RefusedException(
        Reason.POLICY_INVALID,
        file + " is larger than " + Bounds.OCTETS + " octets",
        "write rules for profiles, not for single devices");
  }

  /** Reads a file as {@link #parse} does. */
  public static Policy read(Path file) {
    try {
      if (Files.size(file) > Bounds.OCTETS) {
        throw tooLarge(file.toString());
      }
      return parse(Files.readString(file), file.toString());
    } catch (CharacterCodingException e) {
      throw new RefusedException(Reason.POLICY_INVALID, file + " is not UTF-8", "save it as UTF-8");
    } catch (IOException e) {
      throw new RefusedException(
          Reason.POLICY_INVALID, "cannot read " + file, "check the path and its permissions");
    }
  }

  /** The document. */
  public String text() {
    return text;
  }

  /** The names of its rules, in order. */
  public List<String> ruleNames() {
    return rules.stream().map(Rule::name).toList();
  }

  /** How many statements its tests make. */
  public int statements() {
    return tests.stream().mapToInt(PolicyTest::statements).sum();
  }

  /**
   * The rights of an identity: those of the first rule that matches.
   *
   * @throws RefusedException {@link Reason#POLICY_NO_RULE} when none matches, {@link
   *     Reason#ATTRIBUTE_INVALID} when a value that is needed is missing, ambiguous or hostile
   */
  public Rights rightsOf(Attributes attributes) {
    for (Rule rule : index.of(attributes)) {
      if (rule.matches(attributes)) {
        return rule.rightsOf(attributes);
      }
    }
    throw new RefusedException(
        Reason.POLICY_NO_RULE,
        "no rule of the policy matches profile "
            + Quoted.of(String.join(",", attributes.values(PROFILE)))
            + " of subject "
            + Quoted.of(attributes.toString()),
        "add a rule for this profile to the policy");
  }

  /** Which retained messages belong to which device. */
  public RetainedTopics retained() {
    return retained;
  }

  /** How it comes to its rule, for people; slower than {@link #rightsOf}. */
  public Explanation explain(Attributes attributes) {
    List<Explanation.PassedOver> passedOver = new ArrayList<>();
    for (Rule rule : rules) {
      Optional<Condition> failing = rule.failing(attributes);
      if (failing.isEmpty()) {
        List<String> conditions = rule.when().stream().map(Condition::toString).toList();
        return new Explanation(passedOver, passedOver.size() + 1, rules.size(), conditions);
      }
      Condition condition = failing.get();
      passedOver.add(
          new Explanation.PassedOver(
              rule.name(), condition.toString(), attributes.values(condition.attribute())));
    }
    return new Explanation(passedOver, 0, rules.size(), List.of());
  }
}
