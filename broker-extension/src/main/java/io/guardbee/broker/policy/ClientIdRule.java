package io.guardbee.broker.policy;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;

/**
 * What the client id must be: a template, exactly, or followed by a slash and any suffix. A device
 * id holds no slash, so no identity's client ids reach into another's.
 */
record ClientIdRule(Template template, boolean anySuffix) {

  private static final String SUFFIX = "/*";

  static ClientIdRule parse(String text, Section place) {
    boolean anySuffix = text.endsWith(SUFFIX);
    String prefix = anySuffix ? text.substring(0, text.length() - SUFFIX.length()) : text;
    if (prefix.contains("*")) {
      throw place.refused(
          "clientId " + Quoted.of(text) + " has a * that is not a final /*",
          "end it in /*: with a bare *, app-1 could claim app-10");
    }
    Template template = Template.parse(prefix, place);
    if (template.attributes().stream().noneMatch(AttributeName::isTelling)) {
      throw place.refused(
          "clientId " + Quoted.of(text) + " is the same for many devices",
          "put ${subject.CN} into it");
    }
    return new ClientIdRule(template, anySuffix);
  }

  /** The client ids that an identity may use. */
  ClientIds allowedTo(Attributes attributes) {
    return new ClientIds(template.fill(attributes), anySuffix);
  }
}
