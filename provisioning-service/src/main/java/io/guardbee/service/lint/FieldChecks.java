package io.guardbee.service.lint;

import static io.guardbee.service.lint.Check.unless;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The fields of the basic certificate (RFC 5280 §4.1). */
final class FieldChecks {

  static final List<Check> ALL =
      List.of(
          new Check("version", "§4.1.2.1", FieldChecks::version),
          new Check("serial", "§4.1.2.2", FieldChecks::serial),
          new Check("signature-algorithm", "§4.1.1.2, RFC 5758, RFC 8410", FieldChecks::signature),
          new Check("issuer", "§4.1.2.4", FieldChecks::issuer),
          new Check("times", "§4.1.2.5", FieldChecks::times),
          new Check("within-issuer", "§6.1.3 (a) (2)", FieldChecks::withinIssuer),
          new Check("subject", "§4.1.2.6", FieldChecks::subject),
          new Check("strings", "§4.1.2.4, §A.1", FieldChecks::strings),
          new Check("lengths", "§A.1", FieldChecks::lengths),
          new Check("public-key", "§4.1.2.7, RFC 3279, RFC 5480, RFC 8410", FieldChecks::publicKey),
          new Check("unique-ids", "§4.1.2.8", FieldChecks::uniqueIds));

  private static final int V3 = 3;
  private static final int LONGEST_SERIAL = 20;
  private static final int LAST_YEAR_OF_UTC_TIME = 2049;
  private static final int UTC_TIME_OCTETS = 13; // YYMMDDHHMMSSZ
  private static final int GENERALIZED_TIME_OCTETS = 15;

  private static final Set<ASN1ObjectIdentifier> PRINTABLE_ONLY =
      Set.of(BCStyle.C, BCStyle.SERIALNUMBER, BCStyle.DN_QUALIFIER);

  /** Upper bounds; but a CN holds a device id, 128 as X.520 (which has no bound since 2008). */
  private static final Map<ASN1ObjectIdentifier, Integer> LONGEST =
      Map.of(
          BCStyle.CN, 128,
          BCStyle.OU, 64,
          BCStyle.O, 64,
          BCStyle.L, 128,
          BCStyle.ST, 128,
          BCStyle.C, 2,
          BCStyle.SERIALNUMBER, 64,
          BCStyle.T, 64,
          BCStyle.EmailAddress, 255);

  private static final Set<ASN1ObjectIdentifier> CURVES =
      Set.of(
          SECObjectIdentifiers.secp256r1,
          SECObjectIdentifiers.secp384r1,
          SECObjectIdentifiers.secp521r1);

  private static final Set<ASN1ObjectIdentifier> ECDSA =
      Set.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          X9ObjectIdentifiers.ecdsa_with_SHA512);

  private static final Set<ASN1ObjectIdentifier> RSA =
      Set.of(
          PKCSObjectIdentifiers.sha256WithRSAEncryption,
          PKCSObjectIdentifiers.sha384WithRSAEncryption,
          PKCSObjectIdentifiers.sha512WithRSAEncryption);

  private FieldChecks() {}

  private static Optional<String> version(Draft draft) {
    return unless(draft.certificate().getVersionNumber() == V3, "it is not version 3");
  }

  private static Optional<String> serial(Draft draft) {
    byte[] octets = draft.certificate().getSerialNumber().getValue().toByteArray();
    return unless(
        draft.certificate().getSerialNumber().getValue().signum() > 0
            && octets.length <= LONGEST_SERIAL,
        "the serial number is not positive, or longer than 20 octets");
  }

  private static Optional<String> signature(Draft draft) {
    AlgorithmIdentifier algorithm = draft.certificate().getSignature();
    ASN1ObjectIdentifier key =
        draft.issuer().getSubjectPublicKeyInfo().getAlgorithm().getAlgorithm();
    boolean good;
    if (key.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      good = ECDSA.contains(algorithm.getAlgorithm()) && algorithm.getParameters() == null;
    } else if (key.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      good = RSA.contains(algorithm.getAlgorithm()) && isNull(algorithm.getParameters());
    } else {
      good = algorithm.getAlgorithm().equals(key) && algorithm.getParameters() == null;
    }
    return unless(
        good,
        algorithm.getAlgorithm() + " is not for the issuer's key, is weak, or is written ill");
  }

  private static Optional<String> issuer(Draft draft) {
    X500Name issuer = draft.certificate().getIssuer();
    return unless(
        issuer.size() > 0 && isSame(issuer, draft.issuer().getSubject()),
        "the issuer's name is not octet for octet the subject of its certificate");
  }

  private static boolean isSame(X500Name one, X500Name other) {
    try {
      return Arrays.equals(one.getEncoded(), other.getEncoded());
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<String> times(Draft draft) {
    Time from = draft.certificate().getStartDate();
    Time until = draft.certificate().getEndDate();
    return unless(
        isWritten(from)
            && isWritten(until)
            && from.getDate().toInstant().isBefore(until.getDate().toInstant()),
        "a time is not UTCTime through 2049 and GeneralizedTime from then on with seconds and Z,"
            + " or the end does not come after the beginning");
  }

  private static boolean isWritten(Time time) {
    try {
      byte[] encoded = time.getEncoded("DER");
      boolean utc = time.toASN1Primitive() instanceof ASN1UTCTime;
      boolean early =
          time.getDate().toInstant().atOffset(ZoneOffset.UTC).getYear() <= LAST_YEAR_OF_UTC_TIME;
      return utc == early
          && encoded[1] == (utc ? UTC_TIME_OCTETS : GENERALIZED_TIME_OCTETS)
          && encoded[encoded.length - 1] == 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<String> withinIssuer(Draft draft) {
    Instant until = draft.certificate().getEndDate().getDate().toInstant();
    return unless(
        !until.isAfter(draft.issuer().getEndDate().getDate().toInstant()),
        "it ends after its issuer");
  }

  private static Optional<String> subject(Draft draft) {
    return unless(draft.certificate().getSubject().size() > 0, "the subject is empty");
  }

  private static Optional<String> strings(Draft draft) {
    List<String> ill = new ArrayList<>();
    for (AttributeTypeAndValue attribute : attributes(draft)) {
      ASN1Encodable value = attribute.getValue();
      boolean good =
          attribute.getType().equals(BCStyle.EmailAddress)
              ? value instanceof ASN1IA5String
              : value instanceof ASN1PrintableString
                  || (value instanceof ASN1UTF8String
                      && !PRINTABLE_ONLY.contains(attribute.getType()));
      if (!good) {
        ill.add(
            attribute.getType()
                + " is "
                + value.getClass().getSimpleName().replaceFirst("^(DER|DL|ASN1)", ""));
      }
    }
    return unless(ill.isEmpty(), "a name of the wrong string type: " + ill);
  }

  private static Optional<String> lengths(Draft draft) {
    List<String> ill = new ArrayList<>();
    for (AttributeTypeAndValue attribute : attributes(draft)) {
      String text = attribute.getValue() instanceof ASN1String string ? string.getString() : "";
      int longest = LONGEST.getOrDefault(attribute.getType(), Integer.MAX_VALUE);
      boolean country = attribute.getType().equals(BCStyle.C);
      int length = text.codePointCount(0, text.length());
      if (length == 0 || length > longest || (country && length != longest)) {
        ill.add(attribute.getType() + " has " + length + " characters");
      }
    }
    return unless(ill.isEmpty(), "a name is empty or too long: " + ill);
  }

  private static List<AttributeTypeAndValue> attributes(Draft draft) {
    List<AttributeTypeAndValue> all = new ArrayList<>();
    for (RDN rdn : draft.certificate().getSubject().getRDNs()) {
      all.addAll(List.of(rdn.getTypesAndValues()));
    }
    return all;
  }

  private static Optional<String> publicKey(Draft draft) {
    AlgorithmIdentifier algorithm = draft.certificate().getSubjectPublicKeyInfo().getAlgorithm();
    ASN1ObjectIdentifier type = algorithm.getAlgorithm();
    boolean good;
    if (type.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      good =
          algorithm.getParameters() instanceof ASN1ObjectIdentifier curve && CURVES.contains(curve);
    } else if (type.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      good = isNull(algorithm.getParameters());
    } else {
      good = type.equals(EdECObjectIdentifiers.id_Ed25519) && algorithm.getParameters() == null;
    }
    return unless(good, "the key's algorithm " + type + " or its parameters are written ill");
  }

  private static boolean isNull(ASN1Encodable parameters) {
    return DERNull.INSTANCE.equals(parameters);
  }

  private static Optional<String> uniqueIds(Draft draft) {
    return unless(
        draft.certificate().getIssuerUniqueId() == null
            && draft.certificate().getSubjectUniqueId() == null,
        "it holds a unique identifier");
  }
}
