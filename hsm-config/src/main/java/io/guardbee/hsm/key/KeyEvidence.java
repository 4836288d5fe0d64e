package io.guardbee.hsm.key;

/**
 * What a module says of a private key's life; nothing proves it to others. False also where the
 * module does not say.
 *
 * @param alwaysSensitive CKA_ALWAYS_SENSITIVE: its value could never be read
 * @param neverExtractable CKA_NEVER_EXTRACTABLE: it could never be exported, wrapped or not
 * @param local CKA_LOCAL: it was made in the token
 * @param module manufacturer and model of the token
 */
public record KeyEvidence(
    boolean alwaysSensitive, boolean neverExtractable, boolean local, String module) {}
