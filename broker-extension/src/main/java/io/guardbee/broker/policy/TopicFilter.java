package io.guardbee.broker.policy;

/** Topic filters with MQTT's meaning (MQTT 5 §4.7), as text. */
final class TopicFilter {

  private static final String SHARE = "$share/";

  private TopicFilter() {}

  /** §4.7.1: levels between slashes; {@code +} fills a level, {@code #} is last and alone. */
  static boolean isValid(String filter) {
    if (filter.isEmpty() || filter.indexOf('\0') >= 0) {
      return false;
    }
    String[] levels = filter.split("/", -1);
    for (int i = 0; i < levels.length; i++) {
      String level = levels[i];
      boolean wild = level.contains("+") || level.contains("#");
      if (wild && (level.length() > 1 || (level.equals("#") && i < levels.length - 1))) {
        return false;
      }
    }
    return true;
  }

  static boolean isTopic(String topic) {
    return isValid(topic) && topic.indexOf('+') < 0 && topic.indexOf('#') < 0;
  }

  /** Whether a publish to that topic matches. */
  static boolean matches(String filter, String topic) {
    return isTopic(topic) && covers(filter, topic);
  }

  /** Whether every topic that {@code narrow} matches is matched by {@code wide} too. */
  static boolean covers(String wide, String narrow) {
    String subscribed = withoutShare(narrow);
    // §4.7.2: a leading wildcard does not match topics that begin with $
    if (!isValid(subscribed) || (subscribed.startsWith("$") && isWild(wide.charAt(0)))) {
      return false;
    }
    String[] allowed = wide.split("/", -1);
    String[] asked = subscribed.split("/", -1);
    for (int i = 0; i < allowed.length; i++) {
      if (allowed[i].equals("#")) {
        return true; // the parent level included, §4.7.1.2
      }
      if (i >= asked.length || asked[i].equals("#")) {
        return false;
      }
      if (!allowed[i].equals("+") && !allowed[i].equals(asked[i])) {
        return false;
      }
    }
    // "a/#" also matches "a", which is what is left when the filter's # stands alone behind
    return asked.length == allowed.length;
  }

  private static boolean isWild(char first) {
    return first == '+' || first == '#';
  }

  /** §4.8.2: {@code $share/group/filter} subscribes to the filter. */
  private static String withoutShare(String filter) {
    if (!filter.startsWith(SHARE)) {
      return filter;
    }
    int end = filter.indexOf('/', SHARE.length());
    boolean named = end > SHARE.length();
    return named ? filter.substring(end + 1) : "";
  }
}
