package io.guardbee.hsm.cli;

import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.session.Library;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the slot for a new token, never one whose token could hold a key. */
record BlankSlot(Library library, String label) {

  /**
   * The slot to make the token in; its token counts as initialised only when it lacks no more than
   * the user's PIN.
   *
   * @param wanted null for the only one there is
   */
  TokenInfo find(@Nullable Long wanted) {
    List<TokenInfo> present = library.tokens();
    Optional<TokenInfo> same =
        present.stream().filter(one -> one.isInitialized() && one.label().equals(label)).findAny();
    if (same.isPresent() && isUnfinished(same.get())) {
      return same.get();
    }
    if (same.isPresent()) {
      throw refused(
          "the module holds a token " + Quoted.of(label) + " already",
          "use it, or choose another label; Guardbee never erases a token");
    }
    return wanted == null ? only(present) : numbered(present, wanted);
  }

  /** Without a user's PIN nobody can have logged in and made a key. */
  private static boolean isUnfinished(TokenInfo token) {
    return token.isLoginRequired() && !token.hasUserPin();
  }

  private static TokenInfo numbered(List<TokenInfo> present, long wanted) {
    TokenInfo token =
        present.stream()
            .filter(one -> one.slot() == wanted)
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        "the module has no token in slot " + wanted,
                        "choose one of the slots " + slots(present)));
    if (token.isInitialized()) {
      throw refused(
          "slot " + wanted + " holds the token " + Quoted.of(token.label()) + " already",
          "choose a blank slot; Guardbee never erases a token: its vendor's own tool does");
    }
    return token;
  }

  private static TokenInfo only(List<TokenInfo> present) {
    List<TokenInfo> blank = present.stream().filter(one -> !one.isInitialized()).toList();
    if (blank.size() == 1) {
      return blank.get(0);
    }
    throw blank.isEmpty()
        ? refused(
            "the module has no blank slot",
            "make one with its vendor's own tool; Guardbee never erases a token")
        : refused(
            "the module has " + blank.size() + " blank slots",
            "choose one with --slot: " + slots(blank));
  }

  private static String slots(List<TokenInfo> tokens) {
    return tokens.stream()
        .map(token -> Long.toString(token.slot()))
        .collect(Collectors.joining(", "));
  }

  private static RefusedException refused(String detail, String nextStep) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, detail, nextStep);
  }
}
