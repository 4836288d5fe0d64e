package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Patterns that an identity must match, all four, upper and lower case alike: a text means itself,
 * {@code text*} whatever begins so, {@code *text*} whatever holds it, {@code *} anything.
 */
public record Recognition(
    String libraryManufacturer,
    String libraryDescription,
    String tokenManufacturer,
    String tokenModel) {

  static final String ANYTHING = "*";

  private static final Pattern PATTERN = Pattern.compile("\\*|[^*]+\\*?|\\*[^*]+\\*");

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
    if (!PATTERN.matcher(pattern).matches()) {
      throw Fields.invalid(
          "recognise." + key + ": " + Quoted.of(pattern) + " is no pattern",
          "give the text as the module reports it, or text* or *text*");
    }
  }

  boolean matches(ModuleIdentity identity) {
    return matches(libraryManufacturer, identity.libraryManufacturer())
        && matches(libraryDescription, identity.libraryDescription())
        && matches(tokenManufacturer, identity.tokenManufacturer())
        && matches(tokenModel, identity.tokenModel());
  }

  /** As the file says it, for people. */
  @Override
  public String toString() {
    List<String> said = new ArrayList<>();
    say(said, "libraryManufacturer", libraryManufacturer);
    say(said, "libraryDescription", libraryDescription);
    say(said, "tokenManufacturer", tokenManufacturer);
    say(said, "tokenModel", tokenModel);
    return String.join(", ", said);
  }

  private static void say(List<String> said, String key, String pattern) {
    if (!pattern.equals(ANYTHING)) {
      said.add(key + " " + Quoted.of(pattern));
    }
  }

  private static boolean matches(String pattern, String text) {
    String wanted = pattern.replace(ANYTHING, "").toLowerCase(Locale.ROOT);
    String told = text.toLowerCase(Locale.ROOT);
    if (pattern.startsWith(ANYTHING)) {
      return told.contains(wanted);
    }
    return pattern.endsWith(ANYTHING) ? told.startsWith(wanted) : told.equals(wanted);
  }
}
