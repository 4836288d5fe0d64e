package io.guardbee.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters against filters, checked against all topics of a small world. */
class OverlapTests {

  private static final List<String> LEVELS = List.of("a", "b", "", "$x");
  private static final List<String> TOPICS = topics(4);

  private static List<String> topics(int deepest) {
    List<String> all = new ArrayList<>();
    List<String> longest = LEVELS;
    for (int depth = 1; depth <= deepest; depth++) {
      all.addAll(longest);
      List<String> longer = new ArrayList<>();
      longest.forEach(topic -> LEVELS.forEach(level -> longer.add(topic + "/" + level)));
      longest = longer;
    }
    return all; // with the empty one, which is none but which "/#" and "+" have in common
  }

  /** MQTT 5 §4.7 once more, as plainly as can be, to check the fast one by. */
  private static boolean matches(String filter, String topic) {
    String[] wanted = filter.split("/", -1);
    String[] has = topic.split("/", -1);
    if (topic.startsWith("$") && (wanted[0].equals("+") || wanted[0].equals("#"))) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return has.length >= i;
      }
      if (i >= has.length || !(wanted[i].equals("+") || wanted[i].equals(has[i]))) {
        return false;
      }
    }
    return wanted.length == has.length;
  }

  private static String filter(Random random) {
    int depth = 1 + random.nextInt(3);
    List<String> levels = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      levels.add(random.nextInt(3) == 0 ? "+" : LEVELS.get(random.nextInt(LEVELS.size())));
    }
    if (random.nextInt(3) == 0) {
      levels.set(depth - 1, "#");
    }
    String filter = String.join("/", levels);
    return filter.isEmpty() ? "+" : filter;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyAnswerAgreesWithAllTopics(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 1500; i++) {
      String one = filter(random);
      String other = filter(random);
      boolean common = TOPICS.stream().anyMatch(t -> matches(one, t) && matches(other, t));
      boolean within = TOPICS.stream().allMatch(t -> !matches(other, t) || matches(one, t));
      assertThat(TopicFilter.overlaps(one, other)).as(one + " and " + other).isEqualTo(common);
      assertThat(TopicFilter.overlaps(other, one)).as(other + " and " + one).isEqualTo(common);
      // a filter may be within another that does not cover it level by level, never the reverse
      assertThat(TopicFilter.covers(one, other) && !within).as(one + " of " + other).isFalse();
      for (String topic : TOPICS) {
        if (!topic.isEmpty() && TopicFilter.covers(one, topic) != matches(one, topic)) {
          assertThat(topic).as("topic of " + one).isNull();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, a/b, true",
    "a/b, a/c, false",
    "a/+, +/b, true",
    "a/#, a, true",
    "a/#, b/#, false",
    "#, a/b, true",
    "#, $SYS/x, false",
    "+/x, $SYS/x, false",
    "+, +/#, true",
    "a/+/c, a/b, false",
    "a/+/c/#, a/b/c, true",
    "a//b, a/+/b, true",
  })
  void overlapIsSymmetric(String one, String other, boolean overlaps) {
    assertThat(TopicFilter.overlaps(one, other)).isEqualTo(overlaps);
    assertThat(TopicFilter.overlaps(other, one)).isEqualTo(overlaps);
  }

  @Test
  void filtersAreValidAsMqttSays() {
    assertThat(List.of("#", "+", "a/#", "/", "//", "a/+/b", "+/+", " "))
        .allMatch(TopicFilter::isValid);
    assertThat(List.of("", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+/c", "a\0", "##", "a/##"))
        .noneMatch(TopicFilter::isValid);
    assertThat(TopicFilter.isValid("x".repeat(65_536))).isFalse();
  }
}
