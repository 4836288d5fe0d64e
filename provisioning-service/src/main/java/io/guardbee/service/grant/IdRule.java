package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How a device id is made from the subject of a birth certificate.
 *
 * @param attribute {@code serialNumber} (IEEE 802.1AR §8.6) or {@code CN}
 * @param pattern a regular expression that the whole value has to match
 * @param template the device id, with {@code ${0}} for the value and {@code ${1}} to {@code ${9}}
 *     for the pattern's groups
 */
public record IdRule(String attribute, String pattern, String template) {

  private static final String WHOLE = "${0}";
  private static final String ANYTHING = ".+";
  private static final int LONGEST_VALUE = 128;
  private static final Pattern PLACE = Pattern.compile("\\$\\{([0-9])}");

  /**
   * Checks the rule.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public IdRule {
    attribute = known(attribute);
    int groups = groups(pattern);
    Matcher places = PLACE.matcher(template);
    boolean varies = false;
    while (places.find()) {
      varies = true;
      if (Integer.parseInt(places.group(1)) > groups) {
        throw malformed("idTemplate", template, "the pattern has " + groups + " groups");
      }
    }
    if (!varies) {
      throw malformed("idTemplate", template, "write ${0} where the value goes, or ${1} …");
    }
  }

  /** The value of that attribute as it is, if it is a device id. */
  public static IdRule plain(String attribute) {
    return new IdRule(attribute, ANYTHING, WHOLE);
  }

  /** The same rule where nothing is said of pattern or template. */
  public static IdRule of(String attribute, String pattern, String template) {
    return new IdRule(
        attribute, pattern.isBlank() ? ANYTHING : pattern, template.isBlank() ? WHOLE : template);
  }

  private static String known(String attribute) {
    return switch (attribute.toLowerCase(Locale.ROOT)) {
      case "serialnumber" -> "serialNumber";
      case "cn" -> "CN";
      default -> throw malformed("idFrom", attribute, "write serialNumber or CN");
    };
  }

  private static int groups(String pattern) {
    try {
      return Pattern.compile(pattern).matcher("").groupCount();
    } catch (PatternSyntaxException e) {
      throw malformed("idPattern", pattern, e.getDescription());
    }
  }

  private static RefusedException malformed(String key, String value, String fix) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED, key + " " + Quoted.of(value) + " is not understood", fix);
  }

  /**
   * The device that a birth certificate with that subject is for.
   *
   * @throws RefusedException {@link Reason#NAME_NOT_GRANTED} when the rule gives no device id
   */
  DeviceId deviceId(Subject subject) {
    List<String> values = subject.values(attribute);
    if (values.size() != 1 || values.get(0).length() > LONGEST_VALUE) {
      throw notGranted(subject, "does not hold exactly one " + attribute);
    }
    Matcher value = Pattern.compile(pattern).matcher(values.get(0));
    if (!value.matches()) {
      throw notGranted(subject, "has a " + attribute + " that does not match " + pattern);
    }
    String id =
        PLACE
            .matcher(template)
            .replaceAll(
                place -> {
                  String group = value.group(Integer.parseInt(place.group(1)));
                  return Matcher.quoteReplacement(group == null ? "" : group);
                });
    try {
      return new DeviceId(id);
    } catch (RefusedException e) {
      throw notGranted(subject, "gives " + Quoted.of(id) + ", which is no device id");
    }
  }

  private static RefusedException notGranted(Subject subject, String what) {
    return new RefusedException(
        Reason.NAME_NOT_GRANTED,
        "birth certificate " + Quoted.of(subject.toString()) + " " + what,
        "ask the operator for a manufacturer grant that fits: --id-from, --id-pattern, --id-template");
  }
}
