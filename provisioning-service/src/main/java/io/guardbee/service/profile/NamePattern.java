package io.guardbee.service.profile;

import java.util.Locale;

/**
 * Names that a request may ask for.
 *
 * @param value with {@code *} for any characters; in a DNS name for one label (RFC 6125 §6.4.3)
 */
public record NamePattern(Name.Kind kind, String value) {

  static NamePattern parse(String text) {
    NameTemplate template = NameTemplate.parse(text);
    return new NamePattern(template.kind(), template.value());
  }

  /** Whether that name is one of these; DNS names are compared without regard to case. */
  public boolean matches(Name name) {
    return kind == name.kind() && matches(lower(value), lower(name.value()));
  }

  private String lower(String text) {
    return kind == Name.Kind.DNS ? text.toLowerCase(Locale.ROOT) : text;
  }

  private boolean matches(String pattern, String text) {
    int star = pattern.indexOf('*');
    if (star < 0) {
      return pattern.equals(text);
    }
    String before = pattern.substring(0, star);
    String after = pattern.substring(star + 1);
    if (text.length() <= before.length() + after.length()
        || !text.startsWith(before)
        || !text.endsWith(after)) {
      return false;
    }
    String wild = text.substring(before.length(), text.length() - after.length());
    return !wild.contains("*") && !(kind == Name.Kind.DNS && wild.contains("."));
  }
}
