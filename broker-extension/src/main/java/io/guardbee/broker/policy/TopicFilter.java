package io.guardbee.broker.policy;

/** Topic filters with MQTT's meaning (MQTT 5 §4.7), as text; no method makes an object. */
final class TopicFilter {

  /** MQTT 5 §4.7.3: longer ones do not fit into a packet. */
  private static final int LONGEST = 65_535;

  private TopicFilter() {}

  /** §4.7.1: levels between slashes; {@code +} fills a level, {@code #} is last and alone. */
  static boolean isValid(String filter) {
    int length = filter.length();
    if (length == 0 || length > LONGEST) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = filter.charAt(i);
      boolean last = i + 1 == length;
      boolean alone =
          (i == 0 || filter.charAt(i - 1) == '/') && (last || filter.charAt(i + 1) == '/');
      if (c == 0 || (c == '+' && !alone) || (c == '#' && !(alone && last))) {
        return false;
      }
    }
    return true;
  }

  static boolean isTopic(String topic) {
    int length = topic.length();
    for (int i = 0; i < length; i++) {
      char c = topic.charAt(i);
      if (c == 0 || c == '+' || c == '#') {
        return false;
      }
    }
    return length > 0 && length <= LONGEST;
  }

  /**
   * Whether every topic that {@code narrow} matches is matched by {@code wide} too.
   *
   * @param wide a valid filter
   * @param narrow a valid filter, or a topic
   */
  static boolean covers(String wide, String narrow) {
    if (isApart(wide, narrow)) {
      return false;
    }
    int w = 0;
    int n = 0;
    while (true) {
      int wideEnd = end(wide, w);
      int narrowEnd = end(narrow, n);
      if (isOnly('#', wide, w, wideEnd)) {
        return true;
      }
      if (isOnly('#', narrow, n, narrowEnd)
          || !(isOnly('+', wide, w, wideEnd) || same(wide, w, wideEnd, narrow, n, narrowEnd))) {
        return false;
      }
      if (narrowEnd == narrow.length()) {
        return wideEnd == wide.length() || isParentOfAll(wide, wideEnd);
      }
      if (wideEnd == wide.length()) {
        return false;
      }
      w = wideEnd + 1;
      n = narrowEnd + 1;
    }
  }

  /** Whether there is a topic that both valid filters match. */
  static boolean overlaps(String one, String other) {
    if (isApart(one, other) || isApart(other, one)) {
      return false;
    }
    int a = 0;
    int b = 0;
    while (true) {
      int oneEnd = end(one, a);
      int otherEnd = end(other, b);
      if (isOnly('#', one, a, oneEnd) || isOnly('#', other, b, otherEnd)) {
        return true;
      }
      boolean wild = isOnly('+', one, a, oneEnd) || isOnly('+', other, b, otherEnd);
      if (!wild && !same(one, a, oneEnd, other, b, otherEnd)) {
        return false;
      }
      if (oneEnd == one.length()) {
        return otherEnd == other.length() || isParentOfAll(other, otherEnd);
      }
      if (otherEnd == other.length()) {
        return isParentOfAll(one, oneEnd);
      }
      a = oneEnd + 1;
      b = otherEnd + 1;
    }
  }

  /** §4.7.2: a leading wildcard does not match topics that begin with {@code $}. */
  private static boolean isApart(String wild, String named) {
    char first = wild.charAt(0);
    return (first == '+' || first == '#') && named.charAt(0) == '$';
  }

  /** §4.7.1.2: {@code a/#} matches {@code a} too. */
  private static boolean isParentOfAll(String filter, int slash) {
    return filter.length() == slash + 2 && filter.charAt(slash + 1) == '#';
  }

  private static int end(String filter, int from) {
    int slash = filter.indexOf('/', from);
    return slash < 0 ? filter.length() : slash;
  }

  private static boolean isOnly(char sign, String filter, int from, int end) {
    return end - from == 1 && filter.charAt(from) == sign;
  }

  private static boolean same(String one, int from, int end, String other, int start, int stop) {
    return end - from == stop - start && one.regionMatches(from, other, start, stop - start);
  }
}
