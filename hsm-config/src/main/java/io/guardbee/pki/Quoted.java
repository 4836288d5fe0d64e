package io.guardbee.pki;

import java.util.Locale;
import java.util.regex.Pattern;

/** Foreign text made safe to show: one line, bounded, nothing that could steer a terminal. */
public final class Quoted {

  private static final int LONGEST = 80;
  private static final int LONGEST_LINE = 400;

  /** A Java type with its package, as libraries write it into their messages. */
  private static final Pattern JAVA_TYPE =
      Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.)+[A-Z][A-Za-z0-9_$]*(?::\\s*|(?![A-Za-z0-9_]))");

  private static final Pattern EXCEPTION = Pattern.compile("(?:Exception|Error)$");
  private static final Pattern WORD_BEGINS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

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

  /**
   * What a failure says, as {@link #line}, without the names of Java types; where it says nothing,
   * its kind in words.
   */
  public static String failure(Throwable failure) {
    String message = failure.getMessage();
    String told = message == null ? "" : line(JAVA_TYPE.matcher(message).replaceAll(""));
    return told.isBlank() ? kind(failure) : told;
  }

  /** Such as {@code closed channel}; for failures whose message may hold a secret. */
  public static String kind(Throwable failure) {
    String name = EXCEPTION.matcher(failure.getClass().getSimpleName()).replaceAll("");
    return WORD_BEGINS.matcher(name).replaceAll(" ").toLowerCase(Locale.ROOT);
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
