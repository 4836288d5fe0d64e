package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;

/**
 * Patterns that an identity must match, all four: a text means itself, one that ends in {@code *}
 * means whatever begins so, {@code *} alone means anything.
 */
public record Recognition(
    String libraryManufacturer,
    String libraryDescription,
    String tokenManufacturer,
    String tokenModel) {

  static final String ANYTHING = "*";

  public Recognition {
    requirePattern("libraryManufacturer", libraryManufacturer);
    requirePattern("libraryDescription", libraryDescription);
    requirePattern("tokenManufacturer", tokenManufacturer);
    requirePattern("tokenModel", tokenModel);
    boolean anyModule =
        libraryManufacturer.equals(ANYTHING)
            && libraryDescription.equals(ANYTHING)
            && tokenManufacturer.equals(ANYTHING)
            && tokenModel.equals(ANYTHING);
    if (anyModule) {
      throw Fields.invalid(
          "recognise: matches every module",
          "give libraryManufacturer, libraryDescription, tokenManufacturer or tokenModel");
    }
  }

  private static void requirePattern(String key, String pattern) {
    int star = pattern.indexOf('*');
    if (pattern.isBlank() || (star >= 0 && star < pattern.length() - 1)) {
      throw Fields.invalid(
          "recognise." + key + ": " + Quoted.of(pattern) + " is no pattern",
          "give the text as the module reports it, with * at its end or nowhere");
    }
  }

  boolean matches(ModuleIdentity identity) {
    return matches(libraryManufacturer, identity.libraryManufacturer())
        && matches(libraryDescription, identity.libraryDescription())
        && matches(tokenManufacturer, identity.tokenManufacturer())
        && matches(tokenModel, identity.tokenModel());
  }

  private static boolean matches(String pattern, String text) {
    return pattern.endsWith(ANYTHING)
        ? text.startsWith(pattern.substring(0, pattern.length() - 1))
        : text.equals(pattern);
  }
}
