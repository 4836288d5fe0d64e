package io.guardbee.hsm.uri;

import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Names a token or a key in it, and the module that reaches it (RFC 7512): {@code
 * pkcs11:token=ca;object=issuing?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/pin}.
 *
 * @param attributes values by attribute name, percent-encoding removed, {@code id} in hexadecimal
 */
public record Pkcs11Uri(Map<String, String> attributes) {

  static final Set<String> PATH =
      Set.of("token", "manufacturer", "model", "serial", "slot-id", "object", "id", "type");
  static final Set<String> QUERY = Set.of("module-path", "pin-source", "x-init-reserved");

  private static final Set<String> TYPES =
      Set.of("public", "private", "cert", "secret-key", "data");

  /**
   * Checks names and values.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} for an unknown attribute or a
   *     value outside its grammar
   */
  public Pkcs11Uri {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    attributes.forEach(Pkcs11Uri::check);
  }

  private static void check(String name, String value) {
    if (name.equals("pin-value")) {
      throw malformed( // the value is a secret: it must not reach a log either
          "attribute pin-value is not accepted: command lines and configurations are read by"
              + " others",
          "put the PIN into a file of mode 0600 and name it with pin-source=file:/path");
    }
    if (!PATH.contains(name) && !QUERY.contains(name)) {
      throw malformed(
          "unknown attribute " + Quoted.of(name),
          "use token, object, id, manufacturer, model, serial, slot-id, type and after ?"
              + " module-path, pin-source, x-init-reserved");
    }
    boolean good =
        switch (name) {
          case "slot-id" -> value.matches("[0-9]{1,18}");
          case "type" -> TYPES.contains(value);
          case "id" -> value.matches("([0-9a-f]{2})*");
          case "pin-source" -> !value.startsWith("|");
          default -> true;
        };
    if (!good || value.isEmpty()) {
      throw malformed(
          "attribute " + name + " has the value " + Quoted.of(value) + ", which it cannot have",
          "see RFC 7512 section 2.3; a PIN comes from a file, never from a command");
    }
  }

  /**
   * Reads the text form.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is outside the grammar
   */
  public static Pkcs11Uri parse(String text) {
    return new Pkcs11Uri(Pkcs11UriText.parse(text));
  }

  /** Names a token by its label, nothing else. */
  public static Pkcs11Uri ofToken(String label) {
    return new Pkcs11Uri(Map.of("token", label));
  }

  /** The token's label. */
  public Optional<String> token() {
    return value("token");
  }

  /** The key's label. */
  public Optional<String> object() {
    return value("object");
  }

  /** The key's CKA_ID in lower-case hexadecimal. */
  public Optional<String> id() {
    return value("id");
  }

  /** The number of the slot that holds the token. */
  public OptionalLong slotId() {
    return value("slot-id").map(Long::parseLong).map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  /** The PKCS#11 library's file; when empty, {@link Token#open} looks in the usual places. */
  public Optional<Path> modulePath() {
    return value("module-path").map(path -> path("module-path", path));
  }

  /** The text that the module wants at C_Initialize; our attribute, as RFC 7512 §2.3 lets be. */
  public Optional<String> initReserved() {
    return value("x-init-reserved");
  }

  /** The file that holds the user PIN. */
  public Optional<Path> pinSource() {
    return value("pin-source")
        .map(source -> source.replaceFirst("^file:(//(?=/))?", ""))
        .map(source -> path("pin-source", source));
  }

  public Pkcs11Uri withObject(String label) {
    return with("object", label);
  }

  public Pkcs11Uri withModulePath(Path library) {
    return with("module-path", library.toString());
  }

  public Pkcs11Uri withPinSource(Path file) {
    return with("pin-source", "file:" + file);
  }

  /** The same, with the relative paths in it taken from that directory. */
  public Pkcs11Uri in(Path directory) {
    Pkcs11Uri whole = this;
    Optional<Path> module = modulePath();
    if (module.isPresent()) {
      whole = whole.withModulePath(directory.resolve(module.get()));
    }
    Optional<Path> pin = pinSource();
    return pin.isPresent() ? whole.withPinSource(directory.resolve(pin.get())) : whole;
  }

  /** Whether a token is the one that this URI names. */
  public boolean names(TokenInfo token) {
    OptionalLong slot = slotId();
    return matches("token", token.label())
        && matches("manufacturer", token.manufacturer())
        && matches("model", token.model())
        && matches("serial", token.serial())
        && (slot.isEmpty() || slot.getAsLong() == token.slot());
  }

  private boolean matches(String name, String actual) {
    return attributes.getOrDefault(name, actual).equals(actual);
  }

  private Pkcs11Uri with(String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(attributes);
    changed.put(name, value);
    return new Pkcs11Uri(changed);
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  private static Path path(String name, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw malformed(
          "attribute " + name + " holds " + Quoted.of(value) + ", which is no path",
          "give the path of a file");
    }
  }

  static RefusedException malformed(String detail, String nextStep) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, "PKCS#11 URI: " + detail, nextStep);
  }

  static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  /** The text form; {@link #parse} reads it back to an equal value. */
  @Override
  public String toString() {
    return Pkcs11UriText.print(attributes);
  }
}
