package io.guardbee.service.ceremony;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;

/**
 * The root's list of revoked authorities (RFC 5280 §5).
 *
 * @param crl signed by the root
 */
record RootCrl(X509CRL crl) {

  private static final String LABEL = "X509 CRL"; // RFC 7468 §6

  static Path file(Path ca) {
    return ca.resolve("root.crl");
  }

  static RootCrl parse(String pem) {
    try {
      byte[] der = Pem.der(LABEL, pem);
      return new RootCrl(
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der)));
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "not a PEM " + LABEL + ": " + Quoted.failure(e),
          "restore it from a backup");
    }
  }

  /**
   * The list in {@code root.crl}, if there is one.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when the root did not sign it
   */
  static Optional<RootCrl> read(Path ca, X509Certificate root) throws IOException {
    Path file = file(ca);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      RootCrl found = parse(Files.readString(file, StandardCharsets.US_ASCII));
      found.crl.verify(root.getPublicKey());
      return Optional.of(found);
    } catch (GeneralSecurityException | RefusedException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          file + " is not a list that the root signed",
          "restore it from a backup; or take it away: the ceremony records hold the last one");
    }
  }

  void write(Path ca) throws IOException {
    SafeFiles.writePublic(file(ca), pem());
  }

  String pem() {
    return Pem.block(LABEL, der());
  }

  Fingerprint fingerprint() {
    return Fingerprint.of(der());
  }

  private byte[] der() {
    try {
      return crl.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a parsed CRL encodes", e);
    }
  }

  /** RFC 5280 §5.2.3. */
  long number() {
    byte[] value = crl.getExtensionValue(Extension.cRLNumber.getId());
    if (value == null) {
      return 0;
    }
    return ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets()).longValueExact();
  }

  Instant thisUpdate() {
    return crl.getThisUpdate().toInstant();
  }

  Instant nextUpdate() {
    return crl.getNextUpdate().toInstant();
  }

  /** When the next list is due: after two thirds of this one's life. */
  Instant due() {
    Duration life = Duration.between(thisUpdate(), nextUpdate());
    return thisUpdate().plus(life.multipliedBy(2).dividedBy(3));
  }

  /** In the order of their serials. */
  List<X509CRLEntry> entries() {
    Set<? extends X509CRLEntry> revoked = crl.getRevokedCertificates();
    return revoked == null
        ? List.of()
        : revoked.stream()
            .<X509CRLEntry>map(entry -> entry)
            .sorted(Comparator.comparing(X509CRLEntry::getSerialNumber))
            .toList();
  }

  boolean holds(Serial serial) {
    return crl.getRevokedCertificate(serial.value()) != null;
  }

  static String reason(X509CRLEntry entry) {
    return CaRevocationReason.of(entry).map(CaRevocationReason::toString).orElse("");
  }
}
