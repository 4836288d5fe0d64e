package io.guardbee.service.profile;

import java.util.Locale;

/**
 * Names that a request may ask for.
 *
 * @param value with {@code *} for any characters; in a DNS name for one label (RFC 9525 §6.3),
 *     never for a wildcard; of addresses, also one address or a range such as {@code 10.0.0.0/8}
 */
public record NamePattern(Name.Kind kind, String value) {

  static NamePattern parse(String text) {
    NameTemplate template = NameTemplate.parse(text);
    NamePattern pattern = new NamePattern(template.kind(), template.value());
    if (pattern.isRange()) {
      AddressRange unused = AddressRange.parse(pattern.value()); // one that does not read is told
    }
    return pattern;
  }

  /** Whether that name is one of these; DNS names are compared without regard to case. */
  public boolean matches(Name name) {
    if (kind != name.kind()) {
      return false;
    }
    return isRange()
        ? AddressRange.parse(value).contains(name.value())
        : matches(lower(value), lower(name.value()));
  }

  private boolean isRange() {
    return kind == Name.Kind.IP && !value.contains("*");
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
