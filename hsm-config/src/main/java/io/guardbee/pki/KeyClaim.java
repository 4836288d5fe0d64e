package io.guardbee.pki;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a device says of its private key's life, as its module told it. Nobody has proven it: a
 * device that lies about its key can lie here too.
 *
 * @param alwaysSensitive CKA_ALWAYS_SENSITIVE: its value could never be read
 * @param neverExtractable CKA_NEVER_EXTRACTABLE: it could never be exported
 * @param local CKA_LOCAL: it was made in its module
 * @param module the module's maker and model; at most 80 printable ASCII characters
 */
public record KeyClaim(
    boolean alwaysSensitive, boolean neverExtractable, boolean local, String module) {

  /** The HTTP header of an enrolment that carries it. */
  public static final String HEADER = "Guardbee-Key-Claim";

  private static final int LONGEST_MODULE = 80;
  private static final Pattern FORM =
      Pattern.compile(
          "always-sensitive=(true|false); never-extractable=(true|false); local=(true|false);"
              + " module=\"([ -~&&[^\"\\\\]]{0,80})\"");

  /** Makes the module's name fit: what a module calls itself is not ours to refuse. */
  public KeyClaim {
    String printable = module.replaceAll("[^ -~]|[\"\\\\]", "?");
    module = printable.substring(0, Math.min(printable.length(), LONGEST_MODULE));
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static KeyClaim parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "header " + HEADER + " holds " + Quoted.of(text),
          "leave it out, or write always-sensitive=true; never-extractable=true; local=true;"
              + " module=\"MAKER MODEL\"");
    }
    return new KeyClaim(
        Boolean.parseBoolean(form.group(1)),
        Boolean.parseBoolean(form.group(2)),
        Boolean.parseBoolean(form.group(3)),
        form.group(4));
  }

  /** The header's value. */
  @Override
  public String toString() {
    return "always-sensitive="
        + alwaysSensitive
        + "; never-extractable="
        + neverExtractable
        + "; local="
        + local
        + "; module=\""
        + module
        + '"';
  }
}
