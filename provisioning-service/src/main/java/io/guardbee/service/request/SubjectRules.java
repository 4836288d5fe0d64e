package io.guardbee.service.request;

import io.guardbee.pki.CodePoint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.io.IOException;
import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1NumericString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1T61String;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** What a request's subject must be like for anyone to look at whose it is. */
final class SubjectRules {

  static final int MOST_OCTETS = 1_024;
  static final int LONGEST_VALUE = 256;

  private static final Set<ASN1ObjectIdentifier> REPEATABLE = Set.of(BCStyle.OU, BCStyle.DC);

  /** Scripts with letters that look like Latin ones. */
  private static final Set<UnicodeScript> LOOKALIKES =
      EnumSet.of(
          UnicodeScript.CYRILLIC,
          UnicodeScript.GREEK,
          UnicodeScript.ARMENIAN,
          UnicodeScript.CHEROKEE,
          UnicodeScript.COPTIC,
          UnicodeScript.LISU);

  private SubjectRules() {}

  /**
   * Checks, then brings to one Unicode form.
   *
   * @throws RefusedException {@link Reason#CSR_TOO_COMPLEX}, {@link Reason#CSR_NAME_MISMATCH},
   *     {@link Reason#ATTRIBUTE_INVALID}, {@link Reason#DEVICE_ID_INVALID}
   */
  static Subject check(X500Name name) throws IOException {
    byte[] der = name.getEncoded("DER");
    if (der.length > MOST_OCTETS) {
      throw new RefusedException(
          Reason.CSR_TOO_COMPLEX,
          "the request's subject has " + der.length + " octets",
          "stay within " + MOST_OCTETS);
    }
    Set<ASN1ObjectIdentifier> types = new HashSet<>();
    for (RDN rdn : name.getRDNs()) {
      if (rdn.size() != 1) {
        throw mismatch("an RDN of " + rdn.size() + " attributes");
      }
      ASN1ObjectIdentifier type = rdn.getFirst().getType();
      if (!types.add(type) && !REPEATABLE.contains(type)) {
        throw mismatch(BCStyle.CN.equals(type) ? "two CN" : "two of attribute " + type);
      }
      checkForm(rdn.getFirst().getValue());
    }
    Subject subject = Subject.of(new X500Principal(der));
    subject.attributes().forEach(SubjectRules::checkText);
    return subject;
  }

  /** RFC 5280 §4.1.2.4, and of the old strings those that can be read in one way only. */
  private static void checkForm(ASN1Encodable value) {
    if (value instanceof ASN1UTF8String) {
      return;
    }
    boolean old =
        value instanceof ASN1PrintableString
            || value instanceof ASN1IA5String
            || value instanceof ASN1NumericString
            || value instanceof ASN1T61String; // OpenSSL before 1.0 writes "_" and "@" so
    boolean ascii =
        old && ((ASN1String) value).getString().codePoints().allMatch(point -> point < 0x80);
    if (!ascii) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "the subject holds a "
              + value.getClass().getSimpleName().replaceFirst("^(DER|DL|ASN1)", "")
              + " that can be read in two ways",
          "write names as UTF8String, as RFC 5280 section 4.1.2.4 says");
    }
  }

  private static void checkText(Subject.Value attribute) {
    String text = attribute.value();
    if (text.length() > LONGEST_VALUE) {
      throw invalid(attribute, "has " + text.length() + " characters");
    }
    CodePoint.firstUnseen(text)
        .ifPresent(
            point -> {
              throw invalid(attribute, "holds " + point);
            });
    if (attribute.type().equals("CN")) {
      checkCommonName(text);
    } else {
      checkScripts(attribute);
    }
  }

  /** The grammar of device ids has ASCII only: what looks like it is meant to deceive. */
  private static void checkCommonName(String text) {
    CodePoint.firstBeyondAscii(text)
        .ifPresent(
            point -> {
              throw new RefusedException(
                  Reason.DEVICE_ID_INVALID,
                  "CN " + Quoted.of(text) + " holds " + point,
                  "use 1 to 128 of A-Z a-z 0-9 . _ : - and begin with a letter or a digit");
            });
  }

  private static void checkScripts(Subject.Value attribute) {
    List<Integer> letters =
        attribute.value().codePoints().filter(Character::isLetter).boxed().toList();
    boolean latin =
        letters.stream().anyMatch(point -> UnicodeScript.of(point) == UnicodeScript.LATIN);
    letters.stream()
        .filter(point -> latin && LOOKALIKES.contains(UnicodeScript.of(point)))
        .findFirst()
        .ifPresent(
            point -> {
              throw invalid(attribute, "holds " + new CodePoint(point) + " among Latin letters");
            });
  }

  private static RefusedException mismatch(String what) {
    return new RefusedException(
        Reason.CSR_NAME_MISMATCH,
        "the request's subject holds " + what,
        "ask for the subject CN=<device id>, or leave it empty");
  }

  private static RefusedException invalid(Subject.Value attribute, String what) {
    return new RefusedException(
        Reason.ATTRIBUTE_INVALID,
        attribute.type() + " " + Quoted.of(attribute.value()) + " " + what,
        "write it with up to " + LONGEST_VALUE + " characters that can be seen, in one script");
  }
}
