package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a policy of its YAML; each refusal names its place in the file. */
final class PolicyReader {

  private static final String VERSION = "1";
  private static final String FINGERPRINT = "sha256:[0-9a-f]{64}";
  private static final String SERIAL = "[0-9A-F]{2,40}";

  private PolicyReader() {}

  static Policy read(Section top, String text) {
    top.only("version", "rules", "tests");
    if (!top.text("version").equals(VERSION)) {
      throw top.refused("version " + Quoted.of(top.text("version")), "write version: 1");
    }
    List<Section> sections = top.sections("rules");
    if (sections.size() > Bounds.RULES) {
      throw top.refused(
          sections.size() + " rules", "write at most " + Bounds.RULES + ", for profiles");
    }
    List<Rule> rules = sections.stream().map(PolicyReader::rule).toList();
    Set<String> names = new HashSet<>();
    for (Rule rule : rules) {
      if (!names.add(rule.name())) {
        throw top.refused("two rules are named " + Quoted.of(rule.name()), "rename one");
      }
    }
    List<PolicyTest> tests = top.sections("tests").stream().map(TestReader::read).toList();
    if (tests.stream().mapToInt(PolicyTest::statements).sum() > Bounds.STATEMENTS) {
      throw top.refused("too many statements are tested", "keep to " + Bounds.STATEMENTS);
    }
    return new Policy(text, rules, tests);
  }

  private static Rule rule(Section section) {
    section.only(
        "name",
        "when",
        "clientId",
        "allow",
        "deny",
        "maxConnections",
        "rates",
        "maxSubscriptions",
        "maxFilterLength",
        "maxFilterLevels",
        "maxSessions",
        "sessionExpiry",
        "maxQueuedMessages",
        "clones",
        "lastWill",
        "retained");
    List<Rule.Grant> entries = new ArrayList<>(GrantReader.read(section, "deny"));
    entries.addAll(GrantReader.read(section, "allow"));
    if (entries.size() > Bounds.ENTRIES) {
      throw section.refused(
          entries.size() + " topic filters", "write at most " + Bounds.ENTRIES + " in one rule");
    }
    return new Rule(
        name(section),
        when(section),
        ClientIdRule.parse(section.text("clientId"), section),
        entries,
        LimitsReader.read(section));
  }

  private static String name(Section section) {
    String name = section.text("name");
    if (name.isBlank() || name.length() > 100 || !Quoted.of(name).equals('"' + name + '"')) {
      throw section.refused(
          "name " + Quoted.of(name), "write up to 80 characters that can be seen");
    }
    return name;
  }

  private static List<Condition> when(Section section) {
    Section when = section.section("when");
    Map<String, List<String>> entries = when.entries();
    if (entries.isEmpty()) {
      throw section.refused("when is empty", "name at least one attribute, such as subject.OU");
    }
    List<Condition> conditions = new ArrayList<>();
    entries.forEach((attribute, values) -> conditions.add(condition(attribute, values, when)));
    return conditions;
  }

  private static Condition condition(String attribute, List<String> values, Section when) {
    AttributeName name = Template.known(attribute, when);
    if (values.isEmpty()) {
      throw when.refused(attribute + " has no value", "write one, or a list");
    }
    Set<String> wanted = new LinkedHashSet<>();
    for (String value : values) {
      wanted.add(value(name, value, when));
    }
    return new Condition(name, wanted);
  }

  /** Checked where a value has a form of its own: one that can match nothing is a mistake. */
  static String value(AttributeName name, String value, Section place) {
    boolean fits =
        switch (name.kind()) {
          case SERIAL -> value.matches(SERIAL);
          case FINGERPRINT -> value.matches(FINGERPRINT);
          default -> !value.isEmpty() && value.length() <= Bounds.TEXT;
        };
    if (!fits) {
      throw place.refused(
          name + " " + Quoted.of(value),
          switch (name.kind()) {
            case SERIAL -> "write it as guardbee device show does: upper-case hexadecimal";
            case FINGERPRINT -> "write sha256: and 64 lower-case hexadecimal digits";
            default -> "write 1 to " + Bounds.TEXT + " characters";
          });
    }
    // names in certificates are brought into this form too, by pki.Subject
    return Normalizer.normalize(value, Normalizer.Form.NFC);
  }
}
