package io.guardbee.service.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The comments of the shipped {@code config.yaml} by the key that they stand at. That file has one
 * key a line and indents by two.
 */
final class SettingComments {

  private static final int INDENT = 2;
  private static final Pattern KEY =
      Pattern.compile("( *)([A-Za-z0-9-]+):((?: +(?:\"[^\"]*\"|[^#\" ][^#]*?))?)(?: +# (.*))?");

  private final Map<String, Comment> comments = new HashMap<>();

  /**
   * What is said of one key.
   *
   * @param above lines of their own above it
   * @param beside on its line; empty for nothing
   */
  record Comment(List<String> above, String beside) {
    static final Comment NONE = new Comment(List.of(), "");
  }

  SettingComments(String shipped) {
    Deque<String> path = new ArrayDeque<>();
    List<String> above = new ArrayList<>();
    for (String line : shipped.lines().toList()) {
      Matcher key = KEY.matcher(line);
      if (line.strip().startsWith("#")) {
        above.add(line.strip().replaceFirst("^# ?", ""));
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / INDENT) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        String beside = key.group(4) == null ? "" : key.group(4).strip();
        comments.put(String.join(".", path), new Comment(List.copyOf(above), beside));
        above.clear();
      } else {
        above.clear(); // of the whole file
      }
    }
  }

  /** What is said of that key; of a profile's key, what is said of the one in {@code sensor}. */
  Comment of(String path) {
    Comment own = comments.get(path);
    if (own != null) {
      return own;
    }
    String known = path.replaceFirst("^profiles\\.[^.]+\\.", "profiles.sensor.");
    return comments.getOrDefault(known, Comment.NONE);
  }
}
