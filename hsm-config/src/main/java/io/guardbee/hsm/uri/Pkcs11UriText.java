package io.guardbee.hsm.uri;

import io.guardbee.pki.Quoted;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** The grammar of RFC 7512 §2.3, without meaning: attributes in text and out of it. */
final class Pkcs11UriText {

  private static final String SCHEME = "pkcs11:";
  private static final String UNRESERVED = "-._~";
  private static final String PATH_EXTRA = UNRESERVED + ":[]@!$'()*+,=&";
  private static final String QUERY_EXTRA = UNRESERVED + ":[]@!$'()*+,=/?|";

  private Pkcs11UriText() {}

  static Map<String, String> parse(String text) {
    if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw Pkcs11Uri.malformed(
          shown(text) + " does not begin with pkcs11:",
          "write it as pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=file:FILE");
    }
    String body = text.substring(SCHEME.length());
    int query = body.indexOf('?');
    Map<String, String> values = new LinkedHashMap<>();
    addAll(values, query < 0 ? body : body.substring(0, query), ";", PATH_EXTRA, Pkcs11Uri.QUERY);
    if (query >= 0) {
      addAll(values, body.substring(query + 1), "&", QUERY_EXTRA, Pkcs11Uri.PATH);
    }
    return values;
  }

  /** Text that may hold a PIN where none belongs is cut before it. */
  private static String shown(String text) {
    int secret = text.toLowerCase(Locale.ROOT).indexOf("pin-value");
    return secret < 0
        ? Quoted.of(text)
        : Quoted.of(text.substring(0, secret) + "pin-value") + "***";
  }

  private static void addAll(
      Map<String, String> values,
      String part,
      String separator,
      String extra,
      Set<String> misplaced) {
    if (part.isEmpty()) {
      return;
    }
    for (String attribute : part.split(separator, -1)) {
      int equals = attribute.indexOf('=');
      if (equals < 1) {
        throw Pkcs11Uri.malformed(
            shown(attribute) + " is not name=value", "remove it, or give it a value");
      }
      String name = attribute.substring(0, equals);
      if (misplaced.contains(name)) {
        throw Pkcs11Uri.malformed(
            "attribute " + name + " stands on the wrong side of the ?",
            "module-path and pin-source follow the ?, all others come before it");
      }
      String value = decode(name, attribute.substring(equals + 1), extra);
      // RFC 7512 §2.3: the same attribute must not stand twice
      if (values.put(name, value) != null) {
        throw Pkcs11Uri.malformed("attribute " + name + " stands there twice", "keep one");
      }
    }
  }

  private static String decode(String name, String encoded, String extra) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%' && encoded.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*")) {
        octets.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
        i += 2;
      } else if (isPlain(c, extra)) {
        octets.write(c);
      } else if (name.equals("pin-value")) {
        return ""; // refused later, without showing what may be a secret
      } else {
        throw Pkcs11Uri.malformed(
            "attribute " + name + " holds " + Quoted.of(String.valueOf(c)) + " unencoded",
            "write it as %" + "XX, two hexadecimal digits for each UTF-8 octet");
      }
    }
    return name.equals("id") ? HexFormat.of().formatHex(octets.toByteArray()) : utf8(name, octets);
  }

  private static String utf8(String name, ByteArrayOutputStream octets) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw Pkcs11Uri.malformed(
          "attribute " + name + " is not UTF-8", "encode the UTF-8 octets of the text");
    }
  }

  static String print(Map<String, String> values) {
    StringJoiner path = new StringJoiner(";", SCHEME, "");
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    values.forEach(
        (name, value) -> {
          if (Pkcs11Uri.QUERY.contains(name)) {
            query.add(name + "=" + encode(value.getBytes(StandardCharsets.UTF_8), QUERY_EXTRA));
          } else if (name.equals("id")) {
            // RFC 7512 §2.3: the whole id should be percent-encoded
            path.add(name + "=" + encode(Pkcs11Uri.octets(value), ""));
          } else {
            path.add(name + "=" + encode(value.getBytes(StandardCharsets.UTF_8), PATH_EXTRA));
          }
        });
    return path.toString() + query;
  }

  private static String encode(byte[] octets, String extra) {
    StringBuilder text = new StringBuilder();
    for (byte octet : octets) {
      char c = (char) (octet & 0xff);
      if (!extra.isEmpty() && isPlain(c, extra)) {
        text.append(c);
      } else {
        text.append(String.format(Locale.ROOT, "%%%02X", octet & 0xff));
      }
    }
    return text.toString();
  }

  private static boolean isPlain(char c, String extra) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || extra.indexOf(c) >= 0;
  }
}
