package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.broker.policy.Permission.Retained;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which retained messages belong to which device by a policy, and are cleared when it is revoked. A
 * retained message does not name its publisher, so its topic decides: one is a device's own when
 * the device's rule lets it retain there by a filter that has {@code ${subject.CN}} as the only
 * attribute of a level. Immutable and thread-safe.
 */
public final class RetainedTopics {

  private static final int EVERY_QOS = 3;

  private final List<Owning> rules;
  private final Set<IdPlace> idPlaces;

  /** A permission to publish retained messages, or a denial of that. */
  private record Publishing(boolean allows, FilterPattern filter) {}

  /** What a rule says of retained messages. */
  private record Owning(Rule rule, List<Publishing> publishing) {

    static Owning of(Rule rule) {
      List<Publishing> publishing = new ArrayList<>();
      for (Rule.Grant grant : rule.entries()) {
        Permission like = grant.like();
        boolean allows = like.effect() == Effect.ALLOW;
        boolean decides = allows || like.qos().size() == EVERY_QOS;
        if (like.activity() == Activity.PUBLISH && like.retained() != Retained.NEVER && decides) {
          publishing.add(new Publishing(allows, FilterPattern.of(grant.topic())));
        }
      }
      return new Owning(rule, publishing);
    }

    boolean keeps() {
      return rule.limits().keepRetained();
    }

    List<FilterPattern> filters() {
      return publishing.stream()
          .filter(one -> one.allows() && one.filter().holdsId())
          .map(Publishing::filter)
          .toList();
    }

    /** Whether only that device may retain messages there, as far as this rule says. */
    boolean givesAlone(List<String> topic, KnownDevice device) {
      boolean given = false;
      for (Publishing one : publishing) {
        if ((!one.allows() || one.filter().holdsId()) && one.filter().matches(topic, device)) {
          if (!one.allows()) {
            return false;
          }
          given = true;
        }
      }
      return given;
    }
  }

  /** Where in a topic a device id stands. */
  private record IdPlace(int level, FilterPattern.Level pattern) {}

  RetainedTopics(List<Rule> rules) {
    this.rules = rules.stream().map(Owning::of).toList();
    this.idPlaces = new LinkedHashSet<>();
    for (Owning rule : this.rules) {
      if (!rule.keeps()) {
        rule.filters().forEach(this::addPlaces);
      }
    }
  }

  private void addPlaces(FilterPattern filter) {
    for (int i = 0; i < filter.levels().size(); i++) {
      if (filter.levels().get(i).holdsId()) {
        idPlaces.add(new IdPlace(i, filter.levels().get(i)));
      }
    }
  }

  /** Whether the policy never has a retained message cleared. */
  public boolean isEmpty() {
    return idPlaces.isEmpty();
  }

  /** The devices whose own that topic may be. */
  public Set<String> mayBelongTo(String topic) {
    List<String> levels = levels(topic);
    Set<String> devices = new HashSet<>();
    for (IdPlace place : idPlaces) {
      if (place.level() < levels.size()) {
        place.pattern().idIn(levels.get(place.level())).ifPresent(devices::add);
      }
    }
    return devices;
  }

  /**
   * Whether a retained message there is that device's own and its rule has it cleared. Where it
   * cannot be told which of several rules is the device's, each of them must agree.
   */
  public boolean isCleared(String topic, KnownDevice device) {
    List<String> levels = levels(topic);
    boolean cleared = false;
    for (Owning rule : rulesOf(device)) {
      if (rule.givesAlone(levels, device)) {
        if (rule.keeps()) {
          return false;
        }
        cleared = true;
      }
    }
    return cleared;
  }

  /**
   * The topics whose messages are cleared for that device; empty when its filters have wildcards or
   * attributes that are not known, so that all retained messages must be compared with them.
   */
  public Optional<Set<String>> topicsOf(KnownDevice device) {
    Set<String> topics = new LinkedHashSet<>();
    for (Owning rule : rulesOf(device)) {
      for (FilterPattern filter : rule.keeps() ? List.<FilterPattern>of() : rule.filters()) {
        Optional<String> topic = filter.onlyTopic(device);
        if (topic.isEmpty()) {
          return Optional.empty();
        }
        topic.filter(one -> isCleared(one, device)).ifPresent(topics::add);
      }
    }
    return Optional.of(topics);
  }

  /** Those that may be the device's: up to the first one whose conditions certainly hold. */
  private List<Owning> rulesOf(KnownDevice device) {
    List<Owning> found = new ArrayList<>();
    for (Owning rule : rules) {
      boolean certain = true;
      boolean possible = true;
      for (Condition condition : rule.rule().when()) {
        List<String> values = device.values(condition.attribute()).orElse(null);
        certain &= values != null && values.size() == 1;
        possible &= values == null || values.stream().anyMatch(condition.values()::contains);
      }
      if (possible) {
        found.add(rule);
        if (certain) {
          return found;
        }
      }
    }
    return found;
  }

  private static List<String> levels(String topic) {
    return List.of(topic.split("/", -1));
  }
}
