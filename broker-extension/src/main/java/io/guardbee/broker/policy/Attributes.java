package io.guardbee.broker.policy;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a certificate says of its holder, by the names that a policy uses. Immutable.
 *
 * @param values each attribute with all its values; one that the certificate lacks is absent
 */
public record Attributes(Map<String, List<String>> values) {

  /** RFC 5280 §4.2.1.6 GeneralName choices. */
  private static final Map<Integer, String> SAN =
      Map.of(1, "san.email", 2, "san.dns", 6, "san.uri");

  private static final Set<String> PLAIN = Set.of("issuer", "serial", "fingerprint", "profile");
  private static final Pattern NAME_ATTRIBUTE =
      Pattern.compile("(subject|issuer)\\.([A-Z][A-Z0-9-]*|[0-9]+(\\.[0-9]+)+)");

  public Attributes {
    values = Map.copyOf(values);
  }

  /** Of a certificate that was found good. */
  public static Attributes of(X509Certificate certificate, Identity identity) {
    Map<String, List<String>> values = ofName("subject.", identity.subject());
    values.putAll(ofName("issuer.", Subject.of(certificate.getIssuerX500Principal())));
    values.put("issuer", List.of(identity.issuer()));
    values.put("serial", List.of(Serial.of(certificate).toString()));
    values.put("fingerprint", List.of(Fingerprint.of(certificate).toString()));
    putProfile(values, identity.subject());
    putAlternativeNames(values, certificate);
    return new Attributes(values);
  }

  /** Of a subject alone, as a policy's tests name it; the issuer is the issuing authority. */
  public static Attributes of(Subject subject) {
    Map<String, List<String>> values = ofName("subject.", subject);
    values.put("issuer", List.of(Identity.ISSUING));
    putProfile(values, subject);
    return new Attributes(values);
  }

  private static Map<String, List<String>> ofName(String prefix, Subject name) {
    if (name.multiValued()) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "name " + Quoted.of(name.toString()) + " holds a multi-valued part",
          "enrol again with a certificate that Guardbee issues");
    }
    Map<String, List<String>> values = new HashMap<>();
    name.types().forEach(type -> values.put(prefix + type, name.values(type)));
    return values;
  }

  private static void putProfile(Map<String, List<String>> values, Subject subject) {
    List<String> profile = subject.values("OU"); // the subject mapping of pki.Identity
    if (!profile.isEmpty()) {
      values.put("profile", profile);
    }
  }

  private static void putAlternativeNames(
      Map<String, List<String>> values, X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return;
      }
      Map<String, List<String>> found = new HashMap<>();
      for (List<?> name : names) {
        String attribute = SAN.get((Integer) name.get(0));
        if (attribute != null) {
          found.computeIfAbsent(attribute, a -> new ArrayList<>()).add((String) name.get(1));
        }
      }
      found.forEach((attribute, all) -> values.put(attribute, List.copyOf(all)));
    } catch (CertificateParsingException e) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "the subject alternative names do not parse",
          "enrol again with a certificate that Guardbee issues");
    }
  }

  /** Whether a policy may use that name. */
  static boolean isKnown(String name) {
    return PLAIN.contains(name)
        || SAN.containsValue(name)
        || NAME_ATTRIBUTE.matcher(name).matches();
  }

  /** Whether one of several values is enough: a certificate may rightly hold several. */
  private static boolean mayRepeat(String name) {
    return name.startsWith("san.");
  }

  /**
   * Whether the attribute has one of the wanted values, compared exactly.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when it appears twice: which of the
   *     two counts would be the certificate's choice, not the policy's
   */
  boolean match(String name, List<String> wanted) {
    List<String> all = values.getOrDefault(name, List.of());
    if (all.size() > 1 && !mayRepeat(name)) {
      throw twice(name);
    }
    return all.stream().anyMatch(wanted::contains);
  }

  /**
   * The one value of an attribute, fit to be one level of a topic.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when it is missing, appears twice, or
   *     holds what has a meaning in topics
   */
  String single(String name) {
    List<String> all = values.getOrDefault(name, List.of());
    if (all.isEmpty()) {
      throw invalid("the certificate has no " + name);
    }
    if (all.size() > 1) {
      throw twice(name);
    }
    String value = all.get(0);
    if (value.isEmpty() || value.startsWith("$") || value.codePoints().anyMatch(Attributes::bad)) {
      throw invalid(name + " " + Quoted.of(value) + " must not stand in a topic");
    }
    return value;
  }

  /** MQTT 5 §1.5.4 and §4.7: wildcards, separator, control and ill-formed characters. */
  private static boolean bad(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> point == '+' || point == '#' || point == '/';
    };
  }

  private static RefusedException twice(String name) {
    return invalid("the certificate has " + name + " more than once");
  }

  private static RefusedException invalid(String detail) {
    return new RefusedException(
        Reason.ATTRIBUTE_INVALID, detail, "enrol again with a name that is plain and unique");
  }
}
