package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Makes a policy of its YAML; each refusal names its place in the file. */
final class PolicyReader {

  private static final String VERSION = "1";
  private static final Set<Integer> ANY_QOS = Set.of(0, 1, 2);

  private PolicyReader() {}

  static Policy read(Section top) {
    top.only("version", "rules", "tests");
    if (!top.text("version").equals(VERSION)) {
      throw top.refused("version " + Quoted.of(top.text("version")), "write version: 1");
    }
    List<Rule> rules = top.sections("rules").stream().map(PolicyReader::rule).toList();
    Set<String> names = new HashSet<>();
    for (Rule rule : rules) {
      if (!names.add(rule.name())) {
        throw top.refused("two rules are named " + Quoted.of(rule.name()), "rename one");
      }
    }
    return new Policy(rules, top.sections("tests").stream().map(PolicyReader::test).toList());
  }

  private static Rule rule(Section section) {
    section.only("name", "when", "clientId", "allow");
    Map<String, List<String>> when = section.section("when").entries();
    if (when.isEmpty()) {
      throw section.refused("when is empty", "name at least one attribute, such as subject.OU");
    }
    when.keySet().forEach(attribute -> Template.known(attribute, section));
    return new Rule(
        section.text("name"),
        when,
        ClientIdRule.parse(section.text("clientId"), section),
        section.sections("allow").stream().map(PolicyReader::allow).toList());
  }

  private static Rule.Allow allow(Section section) {
    section.only("publish", "subscribe", "qos", "retain");
    if (section.has("publish") == section.has("subscribe")) {
      throw section.refused("it is for none or both", "write either publish or subscribe");
    }
    boolean publish = section.has("publish");
    if (!publish && section.has("retain")) {
      throw section.refused("retain has no meaning for subscribe", "leave it out");
    }
    return new Rule.Allow(
        publish ? Activity.PUBLISH : Activity.SUBSCRIBE,
        topic(section.text(publish ? "publish" : "subscribe"), section),
        qos(section),
        section.flag("retain", false));
  }

  private static Template topic(String text, Section section) {
    Template template = Template.parse(text, section);
    // any plain value does to see the shape that the filter will have
    String shape = String.join("x", template.literals());
    if (!TopicFilter.isValid(shape) || shape.startsWith("$")) {
      throw section.refused(
          Quoted.of(text) + " is not a topic filter",
          "write levels between slashes, + for one level, # at the end; nothing that begins with $");
    }
    return template;
  }

  private static Set<Integer> qos(Section section) {
    Set<Integer> qos = new TreeSet<>();
    for (String value : section.texts("qos")) {
      if (!value.matches("[012]")) {
        throw section.refused("qos " + Quoted.of(value), "write 0, 1, 2 or a list of these");
      }
      qos.add(Integer.valueOf(value));
    }
    return qos.isEmpty() ? ANY_QOS : qos;
  }

  private static PolicyTest test(Section section) {
    section.only("as", "may", "mayNot");
    try {
      return new PolicyTest(
          Subject.parse(section.text("as")),
          section.texts("may").stream().map(Request::parse).toList(),
          section.texts("mayNot").stream().map(Request::parse).toList());
    } catch (RefusedException e) {
      throw section.refused(e.detail(), e.nextStep());
    }
  }
}
