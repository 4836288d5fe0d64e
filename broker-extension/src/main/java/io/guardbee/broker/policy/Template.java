package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text with {@code ${attribute}} in it.
 *
 * @param literals the text around the attributes, one more than there are attributes
 */
record Template(List<String> literals, List<AttributeName> attributes) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^{}]*)}");

  Template {
    literals = List.copyOf(literals);
    attributes = List.copyOf(attributes);
  }

  /** Reads a template; an attribute that no certificate can have is refused at the place given. */
  static Template parse(String text, Section place) {
    if (text.length() > Bounds.TEXT) {
      throw place.refused(
          Quoted.of(text) + " is too long", "write at most " + Bounds.TEXT + " characters");
    }
    List<String> literals = new ArrayList<>();
    List<AttributeName> attributes = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(text);
    int end = 0;
    while (matcher.find()) {
      literals.add(text.substring(end, matcher.start()));
      attributes.add(known(String.valueOf(matcher.group(1)), place));
      end = matcher.end();
    }
    literals.add(text.substring(end));
    if (literals.stream().anyMatch(literal -> literal.contains("${"))) {
      throw place.refused(Quoted.of(text) + " has an open ${", "write ${subject.CN}");
    }
    return new Template(literals, attributes);
  }

  static AttributeName known(String attribute, Section place) {
    return AttributeName.parse(attribute)
        .orElseThrow(
            () ->
                place.refused(
                    "unknown attribute " + Quoted.of(attribute),
                    "use subject.CN and the like, issuer, issuer.CN, san.uri, san.dns, san.email,"
                        + " serial, fingerprint or profile"));
  }

  /** Whether it is the same for everybody. */
  boolean isFixed() {
    return attributes.isEmpty();
  }

  /** The text with each attribute's value in its place; hostile values are refused. */
  String fill(Attributes of) {
    if (isFixed()) {
      return literals.get(0);
    }
    StringBuilder filled = new StringBuilder(literals.get(0));
    for (int i = 0; i < attributes.size(); i++) {
      filled.append(of.single(attributes.get(i))).append(literals.get(i + 1));
    }
    return filled.toString();
  }

  /** The text as it would be with some plain value in each place: the shape is what matters. */
  String shape() {
    return String.join("x", literals);
  }
}
