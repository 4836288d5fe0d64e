package io.guardbee.broker.door;

import io.guardbee.pki.Quoted;

/**
 * A topic or topic filter shortened for counting: its first levels, each cut, with the device's own
 * name replaced. Two topics of one shape are of the same kind; whole topics would be too many.
 */
final class TopicShape {

  private static final int LEVELS = 3;
  private static final int LONGEST_LEVEL = 32;
  private static final String MORE = "...";

  /** Longer ones are not looked at to their end. */
  private static final int LONGEST = 512;

  private TopicShape() {}

  /**
   * Shortens a topic: {@code devices/${id}/telemetry/...}.
   *
   * @param device whose request it is
   */
  static String of(String topic, String device) {
    String[] levels = topic.substring(0, Math.min(LONGEST, topic.length())).split("/", LEVELS + 1);
    StringBuilder shape = new StringBuilder();
    for (int i = 0; i < Math.min(LEVELS, levels.length); i++) {
      shape.append(i == 0 ? "" : "/").append(level(levels[i], device));
    }
    return levels.length > LEVELS ? shape.append('/').append(MORE).toString() : shape.toString();
  }

  private static String level(String level, String device) {
    if (level.equals(device)) {
      return "${id}";
    }
    return Quoted.line(
        level.length() <= LONGEST_LEVEL ? level : level.substring(0, LONGEST_LEVEL) + MORE);
  }
}
