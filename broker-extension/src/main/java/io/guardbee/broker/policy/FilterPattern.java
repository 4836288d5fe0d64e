package io.guardbee.broker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A topic filter with attributes in it, level by level: tells which device a topic belongs to.
 *
 * @param levels of the filter
 */
record FilterPattern(List<Level> levels) {

  private static final Level MANY = new Level(List.of("#"), List.of());
  private static final Level ONE = new Level(List.of("+"), List.of());

  /**
   * One level.
   *
   * @param literals the text around the attributes, one more than there are attributes
   */
  record Level(List<String> literals, List<AttributeName> attributes) {

    Level {
      literals = List.copyOf(literals);
      attributes = List.copyOf(attributes);
    }

    /** Whether the device id is its only attribute, so that it can be read from a topic. */
    boolean holdsId() {
      return attributes.size() == 1 && KnownDevice.isId(attributes.get(0));
    }

    /** The device id in that level of a topic; empty when the text around it is another. */
    Optional<String> idIn(String level) {
      String before = literals.get(0);
      String after = literals.get(1);
      int end = level.length() - after.length();
      return end > before.length() && level.startsWith(before) && level.endsWith(after)
          ? Optional.of(level.substring(before.length(), end))
          : Optional.empty();
    }

    /** Whether that level of a topic fits; an attribute that is not known fits any text. */
    boolean fits(String level, KnownDevice device) {
      if (equals(ONE)) {
        return true;
      }
      List<String> texts = new ArrayList<>(); // a gap of unknown text between each and the next
      StringBuilder text = new StringBuilder(literals.get(0));
      for (int i = 0; i < attributes.size(); i++) {
        List<String> values = device.values(attributes.get(i)).orElse(null);
        if (values == null) {
          texts.add(text.toString());
          text.setLength(0);
        } else if (values.size() == 1) {
          text.append(values.get(0));
        } else {
          return false; // the policy refuses such a certificate
        }
        text.append(literals.get(i + 1));
      }
      texts.add(text.toString());
      return fits(level, texts);
    }

    private static boolean fits(String level, List<String> texts) {
      String last = texts.get(texts.size() - 1);
      if (texts.size() == 1) {
        return level.equals(last);
      }
      if (!level.startsWith(texts.get(0))) {
        return false;
      }
      int at = texts.get(0).length();
      for (String text : texts.subList(1, texts.size() - 1)) {
        int found = level.indexOf(text, at + 1); // a value has one character at least
        if (found < 0) {
          return false;
        }
        at = found + text.length();
      }
      return level.length() - last.length() > at && level.endsWith(last);
    }
  }

  FilterPattern {
    levels = List.copyOf(levels);
  }

  static FilterPattern of(Template template) {
    List<Level> levels = new ArrayList<>();
    List<String> literals = new ArrayList<>();
    List<AttributeName> attributes = new ArrayList<>();
    for (int i = 0; i < template.literals().size(); i++) {
      String[] parts = template.literals().get(i).split("/", -1);
      literals.add(parts[0]);
      for (int part = 1; part < parts.length; part++) {
        levels.add(new Level(literals, attributes));
        literals.clear();
        attributes.clear();
        literals.add(parts[part]);
      }
      if (i < template.attributes().size()) {
        attributes.add(template.attributes().get(i));
      }
    }
    levels.add(new Level(literals, attributes));
    return new FilterPattern(levels);
  }

  /** Whether a topic that it matches belongs to one device. */
  boolean holdsId() {
    return levels.stream().anyMatch(Level::holdsId);
  }

  /** Whether it matches a topic when it is filled for that device (MQTT 5 §4.7.1). */
  boolean matches(List<String> topic, KnownDevice device) {
    for (int i = 0; i < levels.size(); i++) {
      if (levels.get(i).equals(MANY)) {
        return true; // the level above it included
      }
      if (i == topic.size() || !levels.get(i).fits(topic.get(i), device)) {
        return false;
      }
    }
    return topic.size() == levels.size();
  }

  /** The one topic that it matches when it is filled; empty when it matches several. */
  Optional<String> onlyTopic(KnownDevice device) {
    List<String> filled = new ArrayList<>();
    for (Level level : levels) {
      if (level.equals(MANY) || level.equals(ONE)) {
        return Optional.empty();
      }
      StringBuilder text = new StringBuilder(level.literals().get(0));
      for (int i = 0; i < level.attributes().size(); i++) {
        List<String> values = device.values(level.attributes().get(i)).orElse(List.of());
        if (values.size() != 1) {
          return Optional.empty();
        }
        text.append(values.get(0)).append(level.literals().get(i + 1));
      }
      filled.add(text.toString());
    }
    return Optional.of(String.join("/", filled));
  }
}
