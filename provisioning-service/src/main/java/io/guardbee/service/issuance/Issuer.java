package io.guardbee.service.issuance;

import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Publication;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** An authority as the certificates that it signs speak of it; encoded once. Immutable. */
final class Issuer {

  private final Certificate certificate;
  private final AlgorithmIdentifier algorithm;
  private final Extension authorityKey;
  private final Extension distributionPoints;
  private final Extension informationAccess;

  Issuer(Authority authority, Publication publication) {
    certificate = certificate(authority);
    algorithm = authority.algorithm();
    authorityKey =
        extension(
            Extension.authorityKeyIdentifier,
            new AuthorityKeyIdentifier(authority.keyIdentifier().octets()));
    distributionPoints =
        extension(Extension.cRLDistributionPoints, points(publication.listOf(authority)));
    informationAccess =
        extension(
            Extension.authorityInfoAccess,
            new AuthorityInformationAccess(
                new AccessDescription[] {
                  new AccessDescription(
                      AccessDescription.id_ad_ocsp, location(publication.responder())),
                  new AccessDescription(
                      AccessDescription.id_ad_caIssuers,
                      location(publication.certificateOf(authority)))
                }));
  }

  private static Certificate certificate(Authority authority) {
    try {
      return Certificate.getInstance(authority.certificate().getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a parsed certificate encodes", e);
    }
  }

  private static CRLDistPoint points(String address) {
    DistributionPointName name = new DistributionPointName(new GeneralNames(location(address)));
    return new CRLDistPoint(new DistributionPoint[] {new DistributionPoint(name, null, null)});
  }

  private static GeneralName location(String address) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, address);
  }

  private static Extension extension(ASN1ObjectIdentifier type, ASN1Encodable value) {
    try {
      return Extension.create(type, false, value);
    } catch (IOException e) {
      throw new IllegalStateException("an extension that we built encodes", e);
    }
  }

  Certificate certificate() {
    return certificate;
  }

  AlgorithmIdentifier algorithm() {
    return algorithm;
  }

  Extension authorityKey() {
    return authorityKey;
  }

  Extension distributionPoints() {
    return distributionPoints;
  }

  Extension informationAccess() {
    return informationAccess;
  }
}
