package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where modules differ. What is not known is empty.
 *
 * @param ecPoint how CKA_EC_POINT is written
 * @param maxSessions the most sessions that Guardbee may open, others' needs left out of it
 * @param handleLife how long an object's handle may be used
 * @param omit CKA_ names that must not stand in a template for key generation
 * @param refuse kinds of key that must not be made, and why
 * @param sessionObjects whether key pairs can be made that live in a session only
 * @param certificateObjects whether certificates can be stored
 * @param login how a user logs in
 * @param recovery what it takes to go on after the connection was lost, for people
 */
public record Quirks(
    Optional<EcPoint> ecPoint,
    OptionalInt maxSessions,
    Optional<HandleLife> handleLife,
    Set<String> omit,
    Map<String, String> refuse,
    Optional<Boolean> sessionObjects,
    Optional<Boolean> certificateObjects,
    LoginRules login,
    Optional<String> recovery) {

  /** The kinds of key that can be refused, named as {@code KeyType} prints them. */
  public static final List<String> KEY_TYPES =
      List.of("ec-p256", "ec-p384", "ec-p521", "rsa-2048", "rsa-3072", "rsa-4096", "ed25519");

  private static final int MOST_SESSIONS = 1024;

  public Quirks {
    omit = Names.ordered(omit);
    omit.forEach(name -> Names.require("quirks.omit", name, "CKA_"));
    refuse = Names.ordered(refuse);
    for (String keyType : refuse.keySet()) {
      if (!KEY_TYPES.contains(keyType)) {
        throw Fields.invalid(
            "quirks.refuse: unknown kind of key " + Quoted.of(keyType),
            "known here: " + String.join(", ", KEY_TYPES));
      }
    }
    if (maxSessions.isPresent()
        && (maxSessions.getAsInt() < 1 || maxSessions.getAsInt() > MOST_SESSIONS)) {
      throw Fields.invalid(
          "quirks.maxSessions: " + maxSessions.getAsInt() + " is not 1 to " + MOST_SESSIONS,
          "give the sessions that Guardbee may hold open at a time");
    }
    for (String kept : List.of("CKA_TOKEN", "CKA_SENSITIVE", "CKA_EXTRACTABLE")) {
      if (omit.contains(kept)) {
        throw Fields.invalid(
            "quirks.omit: " + Quoted.of(kept) + " is what keeps a key in its module",
            "take it out of the list; a module that refuses it is not fit for keys");
      }
    }
  }

  /** Nothing known. */
  static Quirks unknown() {
    return new Quirks(
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Set.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        LoginRules.UNKNOWN,
        Optional.empty());
  }
}
