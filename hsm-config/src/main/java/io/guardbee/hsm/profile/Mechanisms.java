package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which of a module's mechanisms to take.
 *
 * @param prefer algorithm to mechanism names, best first
 * @param avoid mechanism names not to use although the module lists them
 * @param unlisted mechanism names that work although the module does not list them
 */
public record Mechanisms(
    Map<String, List<String>> prefer, Set<String> avoid, Set<String> unlisted) {

  /** The algorithms that a preference can be for. */
  public static final List<String> ALGORITHMS = List.of("ecdsa", "rsa-pkcs1", "rsa-pss", "eddsa");

  static final Mechanisms ANY = new Mechanisms(Map.of(), Set.of(), Set.of());

  public Mechanisms {
    Map<String, List<String>> copy = new TreeMap<>();
    avoid = Names.ordered(avoid);
    avoid.forEach(name -> Names.require("avoid", name, "CKM_"));
    unlisted = Names.ordered(unlisted);
    unlisted.forEach(name -> Names.require("unlisted", name, "CKM_"));
    for (Map.Entry<String, List<String>> entry : prefer.entrySet()) {
      String key = "prefer." + entry.getKey();
      requireAlgorithm(entry.getKey());
      for (String name : entry.getValue()) {
        Names.require(key, name, "CKM_");
        if (avoid.contains(name)) {
          throw Fields.invalid(
              key + ": " + Quoted.of(name) + " stands under avoid too", "take it out of one");
        }
      }
      copy.put(entry.getKey(), List.copyOf(entry.getValue()));
    }
    prefer = Map.copyOf(copy);
  }

  /** Mechanism names for that algorithm, best first; empty means no preference. */
  List<String> preferred(String algorithm) {
    requireAlgorithm(algorithm);
    return prefer.getOrDefault(algorithm, List.of());
  }

  private static void requireAlgorithm(String algorithm) {
    if (!ALGORITHMS.contains(algorithm)) {
      throw Fields.invalid(
          "prefer: unknown algorithm " + Quoted.of(algorithm),
          "known here: " + String.join(", ", ALGORITHMS));
    }
  }
}
