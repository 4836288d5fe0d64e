package io.guardbee.hsm.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a profile states, each under the key that its sources stand under, as text for people. */
final class Facts {

  /** Every key that a fact, and so a source, can stand under. */
  static final List<String> KEYS =
      List.of(
          "modulePaths",
          "recognise",
          "prefer",
          "avoid",
          "unlisted",
          "ecPoint",
          "maxSessions",
          "handleLife",
          "omit",
          "refuse",
          "sessionObjects",
          "certificateObjects",
          "login.pin",
          "login.protectedPath",
          "recovery",
          "environment",
          "notes");

  private final Map<String, List<String>> facts = new LinkedHashMap<>();

  private Facts() {}

  /** The stated facts in the order of the documentation; what is not known is not there. */
  static Map<String, List<String>> of(VendorProfile profile) {
    Facts all = new Facts();
    all.add("modulePaths", profile.modulePaths());
    all.add("recognise", profile.recognise().stream().map(Recognition::toString).toList());
    all.add("prefer", preferences(profile.mechanisms()));
    all.add("avoid", List.copyOf(profile.avoid()));
    all.add("unlisted", List.copyOf(profile.unlisted()));
    all.addQuirks(profile.quirks());
    all.add("environment", pairs(profile.environment()));
    all.add("notes", profile.notes());
    return all.facts;
  }

  private void addQuirks(Quirks quirks) {
    add("ecPoint", word(quirks.ecPoint()));
    quirks.maxSessions().ifPresent(most -> add("maxSessions", List.of(String.valueOf(most))));
    add("handleLife", word(quirks.handleLife()));
    add("omit", List.copyOf(quirks.omit()));
    add("refuse", pairs(quirks.refuse()));
    add("sessionObjects", word(quirks.sessionObjects()));
    add("certificateObjects", word(quirks.certificateObjects()));
    add("login.pin", quirks.login().pin().stream().toList());
    add("login.protectedPath", word(quirks.login().protectedPath()));
    add("recovery", quirks.recovery().stream().toList());
  }

  private void add(String key, List<String> values) {
    if (!values.isEmpty()) {
      facts.put(key, values);
    }
  }

  private static List<String> preferences(Mechanisms mechanisms) {
    return Mechanisms.ALGORITHMS.stream()
        .filter(mechanisms.prefer()::containsKey)
        .map(name -> name + ": " + String.join(", ", mechanisms.preferred(name)))
        .toList();
  }

  private static List<String> pairs(Map<String, String> map) {
    return map.entrySet().stream().map(pair -> pair.getKey() + ": " + pair.getValue()).toList();
  }

  private static List<String> word(Optional<?> value) {
    return value.stream().map(word -> word.toString().toLowerCase(Locale.ROOT)).toList();
  }
}
