package io.guardbee.hsm.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The names of CK_TOKEN_INFO's flags (PKCS#11 v3.0 table 6), without {@code CKF_}. */
final class TokenFlags {

  private static final Map<Long, String> NAMES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(0x1L, "RNG"),
              Map.entry(0x2L, "WRITE_PROTECTED"),
              Map.entry(0x4L, "LOGIN_REQUIRED"),
              Map.entry(0x8L, "USER_PIN_INITIALIZED"),
              Map.entry(0x20L, "RESTORE_KEY_NOT_NEEDED"),
              Map.entry(0x40L, "CLOCK_ON_TOKEN"),
              Map.entry(0x100L, "PROTECTED_AUTHENTICATION_PATH"),
              Map.entry(0x200L, "DUAL_CRYPTO_OPERATIONS"),
              Map.entry(0x400L, "TOKEN_INITIALIZED"),
              Map.entry(0x800L, "SECONDARY_AUTHENTICATION"),
              Map.entry(0x10000L, "USER_PIN_COUNT_LOW"),
              Map.entry(0x20000L, "USER_PIN_FINAL_TRY"),
              Map.entry(0x40000L, "USER_PIN_LOCKED"),
              Map.entry(0x80000L, "USER_PIN_TO_BE_CHANGED"),
              Map.entry(0x100000L, "SO_PIN_COUNT_LOW"),
              Map.entry(0x200000L, "SO_PIN_FINAL_TRY"),
              Map.entry(0x400000L, "SO_PIN_LOCKED"),
              Map.entry(0x800000L, "SO_PIN_TO_BE_CHANGED"),
              Map.entry(0x1000000L, "ERROR_STATE")));

  private TokenFlags() {}

  /** Those that are set; bits of the vendor's own in hexadecimal. */
  static List<String> names(long flags) {
    List<String> names = new ArrayList<>();
    long left = flags;
    for (Map.Entry<Long, String> flag : NAMES.entrySet()) {
      if ((flags & flag.getKey()) != 0) {
        names.add(flag.getValue());
        left &= ~flag.getKey();
      }
    }
    if (left != 0) {
      names.add("0x" + Long.toHexString(left));
    }
    return names;
  }
}
