package io.guardbee.pki;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import javax.naming.InvalidNameException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * A distinguished name as the list of its attributes, in the order of RFC 4514 text (most specific
 * first). Values are normalised to Unicode NFC once, here, and compared exactly from then on.
 *
 * @param attributes type (RFC 4514 short name in upper case, else dotted OID) and value
 * @param multiValued whether any relative distinguished name holds more than one attribute
 */
public record Subject(List<Value> attributes, boolean multiValued) {

  /** One attribute of a name. */
  public record Value(String type, String value) {}

  /** Short names beyond those that {@link X500Principal} knows (RFC 4519, PKCS#9). */
  private static final Map<String, String> SHORT_NAMES =
      Map.of(
          "2.5.4.5", "SERIALNUMBER",
          "2.5.4.4", "SN",
          "2.5.4.42", "GIVENNAME",
          "2.5.4.12", "TITLE",
          "2.5.4.46", "DNQUALIFIER",
          "2.5.4.97", "ORGANIZATIONIDENTIFIER",
          "1.2.840.113549.1.9.1", "EMAILADDRESS");

  private static final Map<String, String> OIDS =
      Map.of(
          "SERIALNUMBER", "2.5.4.5",
          "SN", "2.5.4.4",
          "GIVENNAME", "2.5.4.42",
          "TITLE", "2.5.4.12",
          "DNQUALIFIER", "2.5.4.46",
          "ORGANIZATIONIDENTIFIER", "2.5.4.97",
          "EMAILADDRESS", "1.2.840.113549.1.9.1");

  private static final int CONSTRUCTED = 0x20;
  private static final int UNIVERSAL_STRING = 0x1c;
  private static final int BMP_STRING = 0x1e;

  public Subject {
    attributes = List.copyOf(attributes);
  }

  /**
   * The name in a certificate or a request.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when it holds a BMPString or a
   *     UniversalString: Java reads their octets as UTF-8, so that one name would pass for another;
   *     RFC 5280 §4.1.2.4 forbids both
   */
  public static Subject of(X500Principal principal) {
    byte[] der = principal.getEncoded();
    if (holdsWideString(der, 0, der.length)) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "name " + Quoted.of(principal.getName()) + " holds a BMPString or UniversalString",
          "write names as UTF8String, as RFC 5280 section 4.1.2.4 says");
    }
    return parse(principal.getName(X500Principal.RFC2253, SHORT_NAMES));
  }

  /**
   * Reads a name from text.
   *
   * @param text RFC 4514, such as {@code CN=d-1,OU=sensor,O=Acme}
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when it does not parse
   */
  public static Subject parse(String text) {
    try {
      List<Value> values = new ArrayList<>();
      boolean multiValued = false;
      List<Rdn> rdns = new ArrayList<>(new LdapName(text).getRdns());
      Collections.reverse(rdns); // LdapName counts from the least specific
      for (Rdn rdn : rdns) {
        multiValued |= rdn.size() > 1;
        addAll(values, rdn);
      }
      return new Subject(values, multiValued);
    } catch (NamingException | IllegalArgumentException e) { // the latter for #hex that is none
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "name " + Quoted.of(text) + " does not parse",
          "write it as RFC 4514 says: CN=d-1,OU=sensor,O=Acme");
    }
  }

  /** Whether such a string is anywhere in DER that Java has accepted already. */
  private static boolean holdsWideString(byte[] der, int from, int to) {
    int at = from;
    while (at + 1 < to) {
      int tag = der[at];
      int length = der[at + 1] & 0xff;
      at += 2;
      if (length > 0x80) { // long form: that many octets of length follow
        int end = at + (length & 0x7f);
        for (length = 0; at < end; at++) {
          length = length << 8 | (der[at] & 0xff);
        }
      }
      boolean inside = (tag & CONSTRUCTED) != 0 && holdsWideString(der, at, at + length);
      if (inside || tag == BMP_STRING || tag == UNIVERSAL_STRING) {
        return true;
      }
      at += length;
    }
    return false;
  }

  private static void addAll(List<Value> values, Rdn rdn) throws NamingException {
    NamingEnumeration<? extends Attribute> attributes = rdn.toAttributes().getAll();
    while (attributes.hasMore()) {
      Attribute attribute = attributes.next();
      for (int i = 0; i < attribute.size(); i++) {
        values.add(new Value(type(attribute.getID()), text(attribute.get(i))));
      }
    }
  }

  private static String type(String id) {
    String upper = id.toUpperCase(Locale.ROOT);
    return SHORT_NAMES.getOrDefault(upper, upper);
  }

  private static String text(Object value) {
    // a value that is no string (RFC 4514 #hex form) stays in that form
    String text =
        value instanceof byte[] der
            ? "#" + java.util.HexFormat.of().formatHex(der)
            : String.valueOf(value);
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  /** All values of that attribute type; empty when it is missing. */
  public List<String> values(String type) {
    String wanted = type(type);
    return attributes.stream().filter(a -> a.type().equals(wanted)).map(Value::value).toList();
  }

  /** The attribute types present. */
  public TreeSet<String> types() {
    TreeSet<String> types = new TreeSet<>();
    attributes.forEach(a -> types.add(a.type()));
    return types;
  }

  public X500Principal toPrincipal() {
    return new X500Principal(toString(), OIDS);
  }

  /** RFC 4514 text. A multi-valued name is written with its attributes apart. */
  @Override
  public String toString() {
    try {
      List<Rdn> rdns = new ArrayList<>();
      for (Value attribute : attributes) {
        rdns.add(new Rdn(attribute.type(), attribute.value()));
      }
      Collections.reverse(rdns);
      return new LdapName(rdns).toString();
    } catch (InvalidNameException e) {
      throw new IllegalStateException("a parsed name is a name", e);
    }
  }
}
