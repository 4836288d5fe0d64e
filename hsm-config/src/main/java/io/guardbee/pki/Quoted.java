package io.guardbee.pki;

/** Foreign text made safe to show: one line, bounded, nothing that could steer a terminal. */
public final class Quoted {

  private static final int LONGEST = 80;
  private static final int LONGEST_LINE = 400;

  private Quoted() {}

  /**
   * The text in double quotes. Control, format and unassigned characters and lone surrogates appear
   * as {@code \\uXXXX}; text beyond 80 characters is cut and its full length told.
   */
  public static String of(String text) {
    StringBuilder shown = new StringBuilder("\"");
    text.codePoints().limit(LONGEST).forEach(point -> append(shown, point));
    shown.append('"');
    if (text.codePointCount(0, text.length()) > LONGEST) {
      shown.append(" (").append(text.length()).append(" characters)");
    }
    return shown.toString();
  }

  /** The text without quotes, for a whole sentence of a peer: one line, at most 400 characters. */
  public static String line(String text) {
    StringBuilder shown = new StringBuilder();
    text.strip()
        .codePoints()
        .limit(LONGEST_LINE)
        .forEach(
            point -> {
              if (point == '"' || point == '\\') {
                shown.appendCodePoint(point);
              } else {
                append(shown, point);
              }
            });
    return shown.toString();
  }

  private static void append(StringBuilder shown, int point) {
    switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          shown.append(String.format("\\u%04X", point));
      default -> {
        if (point == '"' || point == '\\') {
          shown.append('\\');
        }
        shown.appendCodePoint(point);
      }
    }
  }
}
