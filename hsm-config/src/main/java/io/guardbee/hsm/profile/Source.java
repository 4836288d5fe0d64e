package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;

/**
 * Where a fact comes from.
 *
 * @param from an address, or {@code measured} with the versions
 * @param says what stands or was seen there, in one phrase
 */
public record Source(String from, String says) {

  public Source {
    if (!from.startsWith("https://") && !from.startsWith("measured ")) {
      throw Fields.invalid(
          "from: " + Quoted.of(from) + " is no source",
          "give an https:// address, or: measured, and with which versions");
    }
    if (says.isBlank()) {
      throw Fields.invalid("says: is empty", "say in one phrase what the source states");
    }
  }
}
