package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * One map of a file, read strictly: a key that nobody asks for is refused, and so is a value of
 * another kind. Refusals name the key with its path; the caller adds the file.
 */
final class Fields {

  private final JsonNode map;
  private final String path;
  private final Set<String> known = new TreeSet<>();

  private Fields(JsonNode map, String path) {
    this.map = map;
    this.path = path;
  }

  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw invalid(
          (path.isEmpty() ? "the file" : path) + ": is not a map", "write `key: value` lines");
    }
    return new Fields(node, path);
  }

  static RefusedException invalid(String detail, String nextStep) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, detail, nextStep);
  }

  /** The keys that stand here, for maps whose keys are data. */
  Set<String> names() {
    return new TreeSet<>(map.propertyNames());
  }

  String text(String key) {
    return optionalText(key)
        .orElseThrow(() -> invalid(at(key) + ": is missing", "add the key " + key));
  }

  Optional<String> optionalText(String key) {
    return value(key).map(value -> text(value, at(key)));
  }

  /** Absent means an empty list; the same text twice is refused. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : elements(key)) {
      texts.add(text(element, at(key)));
    }
    if (new HashSet<>(texts).size() < texts.size()) {
      throw invalid(at(key) + ": holds the same value twice", "take one out");
    }
    return texts;
  }

  Optional<Boolean> flag(String key) {
    return value(key)
        .map(
            value -> {
              if (!value.isBoolean()) {
                throw wrong(key, value, "true or false");
              }
              return value.booleanValue();
            });
  }

  OptionalInt number(String key) {
    Optional<JsonNode> value = value(key);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!value.get().isIntegralNumber() || !value.get().canConvertToInt()) {
      throw wrong(key, value.get(), "a whole number");
    }
    return OptionalInt.of(value.get().intValue());
  }

  <E extends Enum<E>> Optional<E> oneOf(String key, Class<E> type) {
    Optional<JsonNode> value = value(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    List<String> choices = new ArrayList<>();
    for (E choice : type.getEnumConstants()) {
      String word = choice.name().toLowerCase(Locale.ROOT);
      if (value.get().isString() && value.get().stringValue().equals(word)) {
        return Optional.of(choice);
      }
      choices.add(word);
    }
    throw wrong(key, value.get(), String.join(" or ", choices));
  }

  Optional<Fields> map(String key) {
    return value(key).map(value -> of(value, at(key)));
  }

  /** Absent means an empty list. */
  List<Fields> maps(String key) {
    List<Fields> maps = new ArrayList<>();
    for (JsonNode element : elements(key)) {
      maps.add(of(element, at(key)));
    }
    return maps;
  }

  /** Refuses what nobody asked for. */
  void end() {
    for (String name : names()) {
      if (!known.contains(name)) {
        throw invalid(
            "unknown key " + Quoted.of(at(name)), "known here: " + String.join(", ", known));
      }
    }
  }

  private List<JsonNode> elements(String key) {
    Optional<JsonNode> value = value(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (!value.get().isArray()) {
      throw wrong(key, value.get(), "a list");
    }
    return List.copyOf(value.get().values());
  }

  private Optional<JsonNode> value(String key) {
    known.add(key);
    return Optional.ofNullable(map.get(key));
  }

  private static String text(JsonNode value, String where) {
    if (!value.isString() || value.stringValue().isBlank()) {
      throw wrong(where, value);
    }
    return value.stringValue().strip();
  }

  private static RefusedException wrong(String where, JsonNode value) {
    return invalid(
        where + ": " + Quoted.of(value.toString()) + " is no text",
        "write a text, in quotes if it looks like a number; or leave the key out");
  }

  private RefusedException wrong(String key, JsonNode value, String wanted) {
    return invalid(
        at(key) + ": " + Quoted.of(value.toString()) + " is not " + wanted,
        "write " + wanted + ", or leave the key out");
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
