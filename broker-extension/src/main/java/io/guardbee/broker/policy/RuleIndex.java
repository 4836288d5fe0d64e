package io.guardbee.broker.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules that may match without looking at all of them: by the value of the one attribute
 * that parts them best. Immutable and thread-safe.
 */
final class RuleIndex {

  /** So few are looked at faster than anything is looked up. */
  private static final int FEW = 8;

  /** So many attributes are tried, the commonest first. */
  private static final int TRIED = 8;

  /**
   * A rule stands once for each value that it may match: no document makes more of it than this.
   */
  private static final long MOST = 100_000;

  private final List<Rule> all;
  private final @Nullable Parting parting;

  /**
   * The rules parted by one attribute.
   *
   * @param ofValue rules that want this value, and those that do not ask, in their order
   * @param others rules that do not ask
   */
  private record Parting(
      AttributeName attribute, Map<String, List<Rule>> ofValue, List<Rule> others) {

    /** How many have to be looked at, at most. */
    int worst() {
      int largest = ofValue.values().stream().mapToInt(List::size).max().orElse(0);
      return Math.max(largest, others.size());
    }
  }

  RuleIndex(List<Rule> rules) {
    this.all = List.copyOf(rules);
    this.parting =
        all.size() <= FEW
            ? null
            : commonest(all).stream()
                .map(attribute -> part(all, attribute))
                .filter(found -> found.worst() < all.size())
                .min(Comparator.comparingInt(Parting::worst))
                .orElse(null);
  }

  /** Attributes that have one value at most and part the rules without growing beyond measure. */
  private static List<AttributeName> commonest(List<Rule> rules) {
    Map<AttributeName, Long> asked =
        rules.stream()
            .flatMap(rule -> rule.when().stream())
            .map(Condition::attribute)
            .filter(attribute -> !attribute.mayRepeat())
            .collect(Collectors.groupingBy(a -> a, LinkedHashMap::new, Collectors.counting()));
    return asked.entrySet().stream()
        .sorted(Map.Entry.<AttributeName, Long>comparingByValue().reversed())
        .limit(TRIED)
        .map(Map.Entry::getKey)
        .filter(attribute -> size(rules, attribute) <= MOST)
        .toList();
  }

  private static long size(List<Rule> rules, AttributeName attribute) {
    long values = values(rules, attribute).size();
    return rules.stream()
        .mapToLong(
            rule -> rule.wanted(attribute).map(wanted -> (long) wanted.size()).orElse(values))
        .sum();
  }

  private static Set<String> values(List<Rule> rules, AttributeName attribute) {
    return rules.stream()
        .flatMap(rule -> rule.wanted(attribute).stream())
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  private static Parting part(List<Rule> rules, AttributeName attribute) {
    Map<String, List<Rule>> parts = new HashMap<>();
    List<Rule> others = new ArrayList<>();
    values(rules, attribute).forEach(value -> parts.put(value, new ArrayList<>()));
    for (Rule rule : rules) {
      Set<String> wanted = rule.wanted(attribute).orElse(parts.keySet());
      wanted.forEach(value -> parts.getOrDefault(value, others).add(rule));
      if (rule.wanted(attribute).isEmpty()) {
        others.add(rule);
      }
    }
    return new Parting(attribute, parts, others);
  }

  /** The rules that may match, in their order. */
  List<Rule> of(Attributes attributes) {
    if (parting == null) {
      return all;
    }
    List<String> values = attributes.values(parting.attribute());
    return switch (values.size()) {
      case 0 -> parting.others();
      case 1 -> parting.ofValue().getOrDefault(values.get(0), parting.others());
      default -> all; // each rule then says whether the doubt concerns it
    };
  }
}
