package io.guardbee.broker.yaml;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A mapping in a YAML document together with its place, such as {@code policy.yaml rules[0]}.
 * Immutable. Every method refuses what does not fit with the reason the document was opened with.
 */
public final class Section {

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final JsonNode node;
  private final String file;
  private final String path;
  private final Reason reason;

  private Section(JsonNode node, String file, String path, Reason reason) {
    this.node = node;
    this.file = file;
    this.path = path;
    this.reason = reason;
  }

  /**
   * Parses a document whose top is a mapping.
   *
   * @param file its name, for messages
   * @param reason what a refusal of this document is called
   */
  public static Section parse(String text, String file, Reason reason) {
    try {
      refuseReferences(text, file, reason);
      JsonNode node = YAML.readTree(text);
      if (node == null || !node.isObject()) {
        throw new RefusedException(
            reason, file + " is not a YAML mapping", "begin with key: value lines");
      }
      return new Section(node, file, "", reason);
    } catch (JacksonException e) {
      String line = e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
      throw new RefusedException(
          reason,
          file + line + " does not parse: " + Quoted.of(firstLine(e.getOriginalMessage())),
          "mend the YAML there");
    }
  }

  /** An alias would be read as its own name, and what it repeats could grow without end. */
  private static void refuseReferences(String text, String file, Reason reason) {
    try (JsonParser tokens = YAML.createParser(text)) {
      while (tokens.nextToken() != null) {
        boolean alias = tokens instanceof YAMLParser yaml && yaml.isCurrentAlias();
        if (alias || tokens.getObjectId() != null || tokens.getTypeId() != null) {
          TokenStreamLocation at = tokens.currentTokenLocation();
          throw new RefusedException(
              reason,
              file + " line " + at.getLineNr() + " has a YAML anchor, alias or tag",
              "write what it stands for");
        }
      }
    }
  }

  private static String firstLine(@Nullable String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  /** Refuses every key but these. */
  public Section only(String... valid) {
    Set<String> known = Set.of(valid);
    for (String key : keys()) {
      if (!known.contains(key)) {
        throw refused("unknown key " + Quoted.of(key), "the keys here are " + List.of(valid));
      }
    }
    return this;
  }

  public Set<String> keys() {
    return new TreeSet<>(node.propertyNames());
  }

  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** The text of a scalar that must be there. */
  public String text(String key) {
    return scalar(required(key), key);
  }

  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  public boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = required(key);
    if (!value.isBoolean()) {
      throw refused(key + " is " + Quoted.of(value.toString()), "write true or false");
    }
    return value.booleanValue();
  }

  /** One scalar or a list of scalars; empty when the key is missing. */
  public List<String> texts(String key) {
    if (!has(key)) {
      return List.of();
    }
    JsonNode value = required(key);
    List<String> texts = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(item -> texts.add(scalar(item, key)));
    } else {
      texts.add(scalar(value, key));
    }
    return List.copyOf(texts);
  }

  /** The mapping under a key; an empty one when the key is missing. */
  public Section section(String key) {
    JsonNode value = has(key) ? required(key) : YAML.createObjectNode();
    return new Section(object(value, key), file, at(key), reason);
  }

  /** The mappings in the list under a key; empty when the key is missing. */
  public List<Section> sections(String key) {
    if (!has(key)) {
      return List.of();
    }
    JsonNode list = required(key);
    if (!list.isArray()) {
      throw refused(key + " is not a list", "write one item a line, each after a dash");
    }
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String place = key + "[" + i + "]";
      sections.add(new Section(object(list.get(i), place), file, at(place), reason));
    }
    return sections;
  }

  /**
   * As {@link #texts}, but nothing that YAML takes for a number or a truth value: {@code 12E4}
   * would be 120000.0.
   */
  public List<String> quoted(String key) {
    if (has(key)) {
      JsonNode value = required(key);
      Iterable<JsonNode> items = value.isArray() ? value : List.of(value);
      for (JsonNode item : items) {
        if (item.isNumber() || item.isBoolean()) {
          throw refused(
              key + " is " + Quoted.of(item.asString()) + ", which YAML takes for no text",
              "put it in quotes");
        }
      }
    }
    return texts(key);
  }

  /** Every key with its one or several texts, in the order of the keys' names. */
  public Map<String, List<String>> entries() {
    Map<String, List<String>> entries = new LinkedHashMap<>();
    keys().forEach(key -> entries.put(key, quoted(key)));
    return entries;
  }

  /** The file and this place in it. */
  public String place() {
    return path.isEmpty() ? file : file + " at " + path;
  }

  /** A refusal that names the file and this place in it. */
  public RefusedException refused(String detail, String nextStep) {
    return new RefusedException(reason, place() + ": " + detail, nextStep);
  }

  private JsonNode required(String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      throw refused("key " + Quoted.of(key) + " is missing", "add it");
    }
    return value;
  }

  private JsonNode object(JsonNode value, String key) {
    if (!value.isObject()) {
      throw refused(key + " is not a mapping", "write key: value lines below it");
    }
    return value;
  }

  private String scalar(JsonNode value, String key) {
    if (!value.isValueNode() || value.isNull()) {
      throw refused(key + " is not a single value", "write plain text");
    }
    return value.asString();
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
