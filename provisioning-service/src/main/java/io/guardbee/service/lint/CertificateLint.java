package io.guardbee.service.lint;

import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * All checks, each of which knows nothing of the others. The README lists them; a test fails each.
 */
final class CertificateLint {

  /** First of all, it has to read; BouncyCastle refuses an extension that is there twice. */
  static final String READABLE = "readable";

  static final String READABLE_SECTION = "§4.1, §4.2";

  static final List<Check> CHECKS =
      Stream.of(FieldChecks.ALL, ExtensionChecks.ALL, NameChecks.ALL)
          .flatMap(List::stream)
          .toList();

  private CertificateLint() {}

  /**
   * What is wrong with a certificate that is to be signed.
   *
   * @param octets DER of the TBSCertificate
   */
  static List<Finding> findings(byte[] octets, Certificate issuer) {
    TBSCertificate parsed;
    try {
      parsed = TBSCertificate.getInstance(ASN1Primitive.fromByteArray(octets));
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return List.of(
          new Finding(READABLE, READABLE_SECTION, "it does not read: " + Quoted.failure(e)));
    }
    Draft draft = new Draft(parsed, issuer);
    List<Finding> findings = new ArrayList<>();
    for (Check check : CHECKS) {
      look(check, draft, findings);
    }
    return findings;
  }

  private static void look(Check check, Draft draft, List<Finding> findings) {
    try {
      check
          .look()
          .apply(draft)
          .ifPresent(what -> findings.add(new Finding(check.name(), check.section(), what)));
    } catch (IllegalArgumentException | IllegalStateException e) {
      findings.add(new Finding(check.name(), check.section(), "its value does not read"));
    }
  }
}
