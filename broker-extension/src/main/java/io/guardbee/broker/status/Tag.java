package io.guardbee.broker.status;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * What the index keeps of a blocked certificate besides its hash, in 16 bits: why it is blocked,
 * and the day of its end, counted from 2020. 0 is no tag.
 */
final class Tag {

  /** Bits of a tag. */
  static final int BITS = 16;

  /** Lifts a block. */
  static final int NONE = 0;

  private static final int DAY_BITS = 14;

  /** RFC 5280 §4.1.2.5 lets a certificate end in 9999: it never leaves the index. */
  private static final int NEVER = (1 << DAY_BITS) - 1;

  private static final long FIRST_DAY = LocalDate.of(2020, 1, 1).toEpochDay();

  private Tag() {}

  static int of(Block block, Instant until) {
    return (block.code() << DAY_BITS) | day(until);
  }

  private static int day(Instant until) {
    long day = Math.floorDiv(until.getEpochSecond(), 86_400L) - FIRST_DAY;
    return (int) Math.max(0, Math.min(day, NEVER));
  }

  static Optional<Block> block(int tag) {
    return Block.of(tag >>> DAY_BITS);
  }

  /**
   * Whether the certificate's own end keeps it out by now: a whole day after it, whatever the
   * clocks say.
   */
  static boolean hasEnded(int tag, Instant now) {
    int day = tag & NEVER;
    long today = now.atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay() - FIRST_DAY;
    return day != NEVER && today > day + 1;
  }
}
