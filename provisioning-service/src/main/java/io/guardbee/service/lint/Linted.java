package io.guardbee.service.lint;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * A certificate but for its signature, octet for octet as it will be signed, that passed every
 * check. Only this class makes one, and an authority signs nothing else. Immutable.
 */
public final class Linted {

  private final byte[] octets;

  private Linted(byte[] octets) {
    this.octets = octets;
  }

  /**
   * Encodes and checks.
   *
   * @param issuer the certificate of the authority that is to sign it
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} with what was found: only names
   *     that a profile gives or lets through can be at fault
   */
  public static Linted of(TBSCertificate draft, Certificate issuer) {
    byte[] octets = encode(draft);
    List<Finding> findings = CertificateLint.findings(octets, issuer);
    if (!findings.isEmpty()) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "the certificate for "
              + Quoted.of(draft.getSubject().toString())
              + " would not fit RFC 5280: "
              + Quoted.line(String.join("; ", findings.stream().map(Finding::toString).toList())),
          "mend names, requestedNames and subject of its profile in config.yaml, or listen.names;"
              + " or ask for other names");
    }
    return new Linted(octets);
  }

  private static byte[] encode(TBSCertificate draft) {
    try {
      return draft.getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new IllegalStateException("a certificate that we built encodes", e);
    }
  }

  /** DER of the TBSCertificate. */
  public byte[] octets() {
    return octets.clone();
  }
}
