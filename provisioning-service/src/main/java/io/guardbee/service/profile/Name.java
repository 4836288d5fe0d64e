package io.guardbee.service.profile;

import java.util.Locale;

/**
 * A name for the subjectAltName extension (RFC 5280 §4.2.1.6).
 *
 * @param value as text; an address in its usual notation
 */
public record Name(Kind kind, String value) {

  /** The forms of GeneralName that Guardbee issues. */
  public enum Kind {
    DNS,
    IP,
    URI,
    EMAIL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A server's name or address. */
  public static Name server(String nameOrAddress) {
    boolean address = nameOrAddress.contains(":") || nameOrAddress.matches("[0-9.]+");
    return new Name(address ? Kind.IP : Kind.DNS, nameOrAddress);
  }

  /** Such as {@code dns:broker.example}. */
  @Override
  public String toString() {
    return kind + ":" + value;
  }
}
