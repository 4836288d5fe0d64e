package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.broker.policy.Permission.Retained;
import io.guardbee.broker.policy.Permission.Shared;
import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reads the entries under {@code allow} and {@code deny}. */
final class GrantReader {

  private static final Set<Integer> ANY_QOS = Set.of(0, 1, 2);

  private GrantReader() {}

  /** One for each topic filter, in the order of the file. */
  static List<Rule.Grant> read(Section rule, String key) {
    Effect effect = key.equals("deny") ? Effect.DENY : Effect.ALLOW;
    List<Rule.Grant> grants = new ArrayList<>();
    for (Section entry : rule.sections(key)) {
      entry.only("publish", "subscribe", "qos", "retain", "shared");
      if (entry.has("publish") == entry.has("subscribe")) {
        throw entry.refused("it is for none or both", "write either publish or subscribe");
      }
      grants.addAll(entry.has("publish") ? publish(effect, entry) : subscribe(effect, entry));
    }
    return grants;
  }

  private static List<Rule.Grant> publish(Effect effect, Section entry) {
    if (entry.has("shared")) {
      throw entry.refused("shared has no meaning for publish", "leave it out");
    }
    // what is allowed without a word is the lesser, what is denied without a word is all
    Retained unsaid = effect == Effect.ALLOW ? Retained.NEVER : Retained.ANY;
    Retained retained =
        switch (entry.text("retain", "")) {
          case "" -> unsaid;
          case "true" -> Retained.ANY;
          case "false" -> Retained.NEVER;
          case "only" -> Retained.ONLY;
          default ->
              throw entry.refused(
                  "retain " + Quoted.of(entry.text("retain")), "write true, false or only");
        };
    List<Rule.Grant> grants = new ArrayList<>();
    for (String text : texts(entry, "publish")) {
      Template topic = Template.parse(text, entry);
      checkFilter(topic.shape(), text, entry);
      grants.add(
          Rule.Grant.of(
              new Permission(
                  effect, Activity.PUBLISH, topic.shape(), qos(entry), retained, Shared.ANY),
              topic));
    }
    return grants;
  }

  private static List<Rule.Grant> subscribe(Effect effect, Section entry) {
    if (entry.has("retain")) {
      throw entry.refused("retain has no meaning for subscribe", "leave it out");
    }
    List<Rule.Grant> grants = new ArrayList<>();
    for (String text : texts(entry, "subscribe")) {
      Template topic = Template.parse(text, entry);
      Subscription shape = Subscription.parse(topic.shape());
      checkFilter(shape == null ? "" : shape.filter(), text, entry);
      boolean group = Subscription.isShared(topic.shape());
      grants.add(
          Rule.Grant.of(
              new Permission(
                  effect,
                  Activity.SUBSCRIBE,
                  topic.shape(),
                  qos(entry),
                  Retained.ANY,
                  group ? onlyShared(entry) : shared(entry)),
              topic));
    }
    return grants;
  }

  private static Shared shared(Section entry) {
    return switch (entry.text("shared", "true")) {
      case "true" -> Shared.ANY;
      case "false" -> Shared.NEVER;
      case "only" -> Shared.ONLY;
      default ->
          throw entry.refused(
              "shared " + Quoted.of(entry.text("shared")), "write true, false or only");
    };
  }

  private static Shared onlyShared(Section entry) {
    if (shared(entry) == Shared.NEVER) {
      throw entry.refused("shared is false for a $share/ filter", "leave it out");
    }
    return Shared.ONLY;
  }

  private static List<String> texts(Section entry, String key) {
    List<String> texts = entry.texts(key);
    if (texts.isEmpty()) {
      throw entry.refused(key + " has no topic filter", "write one, or a list");
    }
    return texts;
  }

  private static void checkFilter(String shape, String text, Section entry) {
    if (!TopicFilter.isValid(shape) || shape.startsWith("$")) {
      throw entry.refused(
          Quoted.of(text) + " is not a topic filter",
          "write levels between slashes, + for one level, # at the end; nothing that begins with"
              + " $, but for $share/group/filter under subscribe");
    }
  }

  private static Set<Integer> qos(Section entry) {
    Set<Integer> qos = new TreeSet<>();
    for (String value : entry.texts("qos")) {
      if (!value.matches("[012]")) {
        throw entry.refused("qos " + Quoted.of(value), "write 0, 1, 2 or a list of these");
      }
      qos.add(Integer.valueOf(value));
    }
    if (qos.isEmpty() && entry.has("qos")) {
      throw entry.refused("qos is an empty list", "write 0, 1, 2, or leave it out for all");
    }
    return qos.isEmpty() ? ANY_QOS : qos;
  }
}
