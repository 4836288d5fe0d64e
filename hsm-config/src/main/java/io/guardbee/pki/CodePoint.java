package io.guardbee.pki;

import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One Unicode character, shown by number and name, for those that deceive the eye. */
public record CodePoint(int value) {

  private static final int LAST_ASCII = 0x7f;
  private static final int REPLACEMENT = 0xfffd; // stands for octets that were no character

  /** The first character that a reader cannot see, or that changes how the others are shown. */
  public static Optional<CodePoint> firstUnseen(String text) {
    return first(text, CodePoint::isUnseen);
  }

  /** The first character outside ASCII. */
  public static Optional<CodePoint> firstBeyondAscii(String text) {
    return first(text, point -> point > LAST_ASCII);
  }

  private static Optional<CodePoint> first(String text, IntPredicate wanted) {
    return text.codePoints().filter(wanted).mapToObj(CodePoint::new).findFirst();
  }

  private static boolean isUnseen(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT, // bidirectional marks, zero-width characters, tags
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      case Character.SPACE_SEPARATOR -> point != ' ';
      default -> point == REPLACEMENT || isIgnorable(point);
    };
  }

  /** Letters and marks that are Default_Ignorable_Code_Point (UAX #44). */
  private static boolean isIgnorable(int point) {
    return point == 0x034f
        || point == 0x3164
        || point == 0xffa0
        || (point >= 0x115f && point <= 0x1160)
        || (point >= 0x17b4 && point <= 0x17b5)
        || (point >= 0x180b && point <= 0x180f)
        || (point >= 0xfe00 && point <= 0xfe0f)
        || (point >= 0xe0100 && point <= 0xe01ef);
  }

  /** Such as {@code U+0430 (CYRILLIC SMALL LETTER A)}. */
  @Override
  public String toString() {
    @Nullable String name = Character.getName(value);
    return String.format("U+%04X", value) + (name == null ? "" : " (" + name + ")");
  }
}
