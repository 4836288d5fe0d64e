package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text with {@code ${attribute}} in it.
 *
 * @param literals the text around the attributes, one more than there are attributes
 */
record Template(List<String> literals, List<String> attributes) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^{}]*)}");

  Template {
    literals = List.copyOf(literals);
    attributes = List.copyOf(attributes);
  }

  /** Reads a template; an attribute that no certificate can have is refused at the place given. */
  static Template parse(String text, Section place) {
    List<String> literals = new ArrayList<>();
    List<String> attributes = new ArrayList<>();
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

  static String known(String attribute, Section place) {
    if (!Attributes.isKnown(attribute)) {
      throw place.refused(
          "unknown attribute " + Quoted.of(attribute),
          "use subject.CN and the like, issuer, issuer.CN, san.uri, san.dns, san.email, serial,"
              + " fingerprint or profile");
    }
    return attribute;
  }

  /** Whether any of these attributes stands in it. */
  boolean usesAny(Set<String> names) {
    return attributes.stream().anyMatch(names::contains);
  }

  /** The text with each attribute's value in its place; hostile values are refused. */
  String fill(Attributes of) {
    StringBuilder filled = new StringBuilder(literals.get(0));
    for (int i = 0; i < attributes.size(); i++) {
      filled.append(of.single(attributes.get(i))).append(literals.get(i + 1));
    }
    return filled.toString();
  }
}
