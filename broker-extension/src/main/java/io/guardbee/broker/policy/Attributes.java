package io.guardbee.broker.policy;

import io.guardbee.broker.policy.AttributeName.Kind;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate says of its holder, by the names that a policy uses. Immutable and
 * thread-safe. What costs something is looked for when a policy asks for it, and then kept.
 */
public final class Attributes {

  /** RFC 5280 §4.2.1.6 GeneralName choices. */
  private static final Map<Kind, Integer> SAN =
      Map.of(Kind.SAN_EMAIL, 1, Kind.SAN_DNS, 2, Kind.SAN_URI, 6);

  /** Longer ones are no name of anything; a topic has at most 65,535 octets. */
  private static final int LONGEST_LEVEL = 256;

  private final Subject subject;
  private final String issuer;
  private final @Nullable X509Certificate certificate;
  private final Map<Kind, List<String>> given;

  // found twice by two threads they are the same
  private volatile @Nullable Subject issuerName;
  private volatile @Nullable List<String> fingerprint;

  private Attributes(
      Identity identity, @Nullable X509Certificate certificate, Map<Kind, List<String>> given) {
    this.subject = plain(identity.subject());
    this.issuer = identity.issuer();
    this.certificate = certificate;
    this.given = Map.copyOf(given);
  }

  /**
   * Of a certificate that was found good.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when its subject has a multi-valued
   *     part
   */
  public static Attributes of(X509Certificate certificate, Identity identity) {
    return new Attributes(identity, certificate, Map.of());
  }

  /** Of a subject alone; the issuer is the issuing authority. */
  public static Attributes of(Subject subject) {
    return of(new Identity(Identity.ISSUING, subject), Map.of());
  }

  /** Of an identity and some more that are given, as a policy's tests do. */
  static Attributes of(Identity identity, Map<Kind, List<String>> given) {
    return new Attributes(identity, null, given);
  }

  private static Subject plain(Subject name) {
    if (name.multiValued()) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "name " + Quoted.of(name.toString()) + " holds a multi-valued part",
          "enrol again with a certificate that Guardbee issues");
    }
    return name;
  }

  /** All values of that attribute; empty when the certificate lacks it. */
  List<String> values(AttributeName name) {
    List<String> known = given.get(name.kind());
    if (known != null && name.type().isEmpty()) {
      return known;
    }
    return switch (name.kind()) {
      case SUBJECT -> valuesOf(subject, name.type());
      case PROFILE -> valuesOf(subject, "OU"); // the subject mapping of pki.Identity
      case ISSUER -> List.of(issuer);
      case ISSUER_NAME -> certificate == null ? List.of() : issuerValues(certificate, name.type());
      case SERIAL -> certificate == null ? List.of() : List.of(Serial.of(certificate).toString());
      case FINGERPRINT -> certificate == null ? List.of() : fingerprintOf(certificate);
      case SAN_URI, SAN_DNS, SAN_EMAIL ->
          certificate == null ? List.of() : alternativeNames(certificate, name.kind());
    };
  }

  /** The one value, if there is exactly one: what an index may look for. */
  Optional<String> only(AttributeName name) {
    List<String> all = values(name);
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  private static List<String> valuesOf(Subject name, String type) {
    List<String> found = List.of();
    for (Subject.Value value : name.attributes()) {
      if (value.type().equals(type)) {
        found = found.isEmpty() ? List.of(value.value()) : and(found, value.value());
      }
    }
    return found;
  }

  private static List<String> and(List<String> found, String value) {
    List<String> more = new ArrayList<>(found);
    more.add(value);
    return more;
  }

  private List<String> issuerValues(X509Certificate of, String type) {
    Subject name = issuerName;
    if (name == null) {
      name = plain(Subject.of(of.getIssuerX500Principal()));
      issuerName = name;
    }
    return valuesOf(name, type);
  }

  private List<String> fingerprintOf(X509Certificate of) {
    List<String> value = fingerprint;
    if (value == null) {
      value = List.of(Fingerprint.of(of).toString());
      fingerprint = value;
    }
    return value;
  }

  private static List<String> alternativeNames(X509Certificate certificate, Kind kind) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return List.of();
      }
      List<String> found = new ArrayList<>();
      for (List<?> name : names) {
        if (name.get(0).equals(SAN.get(kind))) {
          found.add((String) name.get(1));
        }
      }
      return found;
    } catch (CertificateParsingException e) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "the subject alternative names do not parse",
          "enrol again with a certificate that Guardbee issues");
    }
  }

  /**
   * The one value of an attribute, fit to be one level of a topic.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when it is missing, appears twice, or
   *     holds what has a meaning in topics
   */
  String single(AttributeName name) {
    List<String> all = values(name);
    if (all.isEmpty()) {
      throw invalid("the certificate has no " + name);
    }
    if (all.size() > 1) {
      throw twice(name);
    }
    String value = all.get(0);
    if (value.isEmpty()
        || value.length() > LONGEST_LEVEL
        || value.charAt(0) == '$'
        || value.codePoints().anyMatch(Attributes::bad)) {
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

  /** Which of the two counts would be the certificate's choice, not the policy's. */
  static RefusedException twice(AttributeName name) {
    return invalid("the certificate has " + name + " more than once");
  }

  private static RefusedException invalid(String detail) {
    return new RefusedException(
        Reason.ATTRIBUTE_INVALID, detail, "enrol again with a name that is plain and unique");
  }

  /** The subject, as RFC 4514 writes it. */
  @Override
  public String toString() {
    return subject.toString();
  }
}
