package io.guardbee.broker.policy;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a policy calls one thing that a certificate says of its holder.
 *
 * @param type of an attribute of a name, as RFC 4514 writes it; empty for other kinds
 */
record AttributeName(Kind kind, String type) {

  /** Where the value stands in a certificate. */
  enum Kind {
    SUBJECT,
    ISSUER_NAME,
    ISSUER,
    SERIAL,
    FINGERPRINT,
    PROFILE,
    SAN_URI,
    SAN_DNS,
    SAN_EMAIL
  }

  private static final int LONGEST = 100;
  private static final String SUBJECT = "subject.";
  private static final String ISSUER = "issuer.";
  private static final Pattern TYPE = Pattern.compile("[A-Z][A-Z0-9-]*|[0-9]+(\\.[0-9]+)+");
  private static final Map<String, Kind> PLAIN =
      Map.of(
          "issuer", Kind.ISSUER,
          "serial", Kind.SERIAL,
          "fingerprint", Kind.FINGERPRINT,
          "profile", Kind.PROFILE,
          "san.uri", Kind.SAN_URI,
          "san.dns", Kind.SAN_DNS,
          "san.email", Kind.SAN_EMAIL);

  /** Empty when no certificate can have such an attribute. */
  static Optional<AttributeName> parse(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty(); // also keeps the pattern's recursion short
    }
    if (text.startsWith(SUBJECT)) {
      return ofName(Kind.SUBJECT, text.substring(SUBJECT.length()));
    }
    if (text.startsWith(ISSUER)) {
      return ofName(Kind.ISSUER_NAME, text.substring(ISSUER.length()));
    }
    return Optional.ofNullable(PLAIN.get(text)).map(kind -> new AttributeName(kind, ""));
  }

  private static Optional<AttributeName> ofName(Kind kind, String type) {
    return TYPE.matcher(type).matches()
        ? Optional.of(new AttributeName(kind, type))
        : Optional.empty();
  }

  /** Whether one of several values is enough: a certificate may rightly hold several. */
  boolean mayRepeat() {
    return kind == Kind.SAN_URI || kind == Kind.SAN_DNS || kind == Kind.SAN_EMAIL;
  }

  /** Whether it tells devices apart: the others are shared by many. */
  boolean isTelling() {
    return mayRepeat()
        || kind == Kind.SERIAL
        || kind == Kind.FINGERPRINT
        || (kind == Kind.SUBJECT && type.equals("CN"));
  }

  /** As a policy writes it. */
  @Override
  public String toString() {
    return switch (kind) {
      case SUBJECT -> SUBJECT + type;
      case ISSUER_NAME -> ISSUER + type;
      case ISSUER -> "issuer";
      case SERIAL -> "serial";
      case FINGERPRINT -> "fingerprint";
      case PROFILE -> "profile";
      case SAN_URI -> "san.uri";
      case SAN_DNS -> "san.dns";
      case SAN_EMAIL -> "san.email";
    };
  }
}
