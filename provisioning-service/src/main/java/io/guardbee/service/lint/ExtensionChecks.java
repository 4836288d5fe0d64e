package io.guardbee.service.lint;

import static io.guardbee.service.lint.Check.unless;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Null;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/** The extensions of an end-entity certificate (RFC 5280 §4.2), names apart. */
final class ExtensionChecks {

  private static final ASN1ObjectIdentifier NO_CHECK = OCSPObjectIdentifiers.id_pkix_ocsp_nocheck;

  static final List<Check> ALL =
      List.of(
          new Check("extensions-known", "§4.2", ExtensionChecks::known),
          new Check("basic-constraints", "§4.2.1.9", ExtensionChecks::basicConstraints),
          new Check("key-usage", "§4.2.1.3", ExtensionChecks::keyUsage),
          new Check(
              "key-usage-of-key",
              "RFC 3279 §2.3.1, RFC 8813 §3, RFC 8410 §5",
              ExtensionChecks::keyUsageOfKey),
          new Check("extended-key-usage", "§4.2.1.12", ExtensionChecks::extendedKeyUsage),
          new Check("key-usage-of-purposes", "§4.2.1.12", PurposeUsage::inconsistent),
          new Check("subject-key-id", "§4.2.1.2", ExtensionChecks::subjectKey),
          new Check("authority-key-id", "§4.2.1.1", ExtensionChecks::authorityKey),
          new Check("crl-distribution-points", "§4.2.1.13", ExtensionChecks::crl),
          new Check("authority-information", "§4.2.2.1", ExtensionChecks::access),
          new Check("ocsp-no-check", "RFC 6960 §4.2.2.2.1", ExtensionChecks::noCheck));

  private static final Set<ASN1ObjectIdentifier> KNOWN =
      Set.of(
          Extension.basicConstraints,
          Extension.keyUsage,
          Extension.extendedKeyUsage,
          Extension.subjectKeyIdentifier,
          Extension.authorityKeyIdentifier,
          Extension.subjectAlternativeName,
          Extension.cRLDistributionPoints,
          Extension.authorityInfoAccess,
          NO_CHECK);

  private static final int ANY_USAGE = 0x80ff;
  private static final int OF_AUTHORITIES = KeyUsage.keyCertSign | KeyUsage.cRLSign;
  private static final int SIGNING = KeyUsage.digitalSignature | KeyUsage.nonRepudiation;
  private static final int ONE_WAY = KeyUsage.encipherOnly | KeyUsage.decipherOnly;
  private static final int ENCIPHERING = KeyUsage.keyEncipherment | KeyUsage.dataEncipherment;

  private ExtensionChecks() {}

  private static Optional<String> known(Draft draft) {
    Extensions extensions = draft.certificate().getExtensions();
    Set<ASN1ObjectIdentifier> others =
        new HashSet<>(extensions == null ? List.of() : List.of(extensions.getExtensionOIDs()));
    others.removeAll(KNOWN);
    return unless(others.isEmpty(), "no check knows the extensions " + others);
  }

  private static Optional<String> basicConstraints(Draft draft) {
    BasicConstraints constraints =
        draft.value(Extension.basicConstraints, BasicConstraints::getInstance);
    return unless(
        constraints != null
            && draft.has(Extension.basicConstraints, true)
            && !constraints.isCA()
            && constraints.getPathLenConstraint() == null,
        "basicConstraints is missing, not critical, or makes it an authority");
  }

  private static Optional<String> keyUsage(Draft draft) {
    KeyUsage usage = draft.value(Extension.keyUsage, KeyUsage::getInstance);
    if (usage == null || !draft.has(Extension.keyUsage, true)) {
      return Optional.of("keyUsage is missing or not critical");
    }
    boolean oneWay = hasAny(usage, ONE_WAY) && !hasAny(usage, KeyUsage.keyAgreement);
    return unless(
        hasAny(usage, ANY_USAGE) && !hasAny(usage, OF_AUTHORITIES) && !oneWay,
        "keyUsage is empty, an authority's, or one-way without agreement");
  }

  private static boolean hasAny(KeyUsage usage, int bits) {
    for (int bit = 1; bit <= KeyUsage.decipherOnly; bit <<= 1) {
      if ((bits & bit) != 0 && usage.hasUsages(bit)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> keyUsageOfKey(Draft draft) {
    KeyUsage usage = draft.value(Extension.keyUsage, KeyUsage::getInstance);
    ASN1ObjectIdentifier key =
        draft.certificate().getSubjectPublicKeyInfo().getAlgorithm().getAlgorithm();
    int allowed;
    if (key.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      allowed = SIGNING | ENCIPHERING;
    } else if (key.equals(EdECObjectIdentifiers.id_Ed25519)) {
      allowed = SIGNING;
    } else {
      allowed = SIGNING | KeyUsage.keyAgreement | ONE_WAY;
    }
    return unless(
        usage != null && !hasAny(usage, ANY_USAGE & ~OF_AUTHORITIES & ~allowed),
        "keyUsage has what a key of this kind cannot do");
  }

  private static Optional<String> extendedKeyUsage(Draft draft) {
    List<KeyPurposeId> purposes = draft.purposes();
    KeyUsage usage = draft.value(Extension.keyUsage, KeyUsage::getInstance);
    boolean alone = !draft.isResponder() || purposes.size() == 1;
    return unless(
        !purposes.isEmpty()
            && draft.has(Extension.extendedKeyUsage, false)
            && !purposes.contains(KeyPurposeId.anyExtendedKeyUsage)
            && new HashSet<>(purposes).size() == purposes.size()
            && alone
            && usage != null
            && usage.hasUsages(KeyUsage.digitalSignature),
        "extendedKeyUsage is missing, critical, says a purpose twice or any, or keyUsage does not"
            + " let the key sign for it");
  }

  private static Optional<String> subjectKey(Draft draft) {
    SubjectKeyIdentifier identifier =
        draft.value(Extension.subjectKeyIdentifier, SubjectKeyIdentifier::getInstance);
    byte[] wanted = Draft.keyIdentifier(draft.certificate().getSubjectPublicKeyInfo());
    return unless(
        identifier != null
            && draft.has(Extension.subjectKeyIdentifier, false)
            && Arrays.equals(identifier.getKeyIdentifier(), wanted),
        "subjectKeyIdentifier is missing, critical, or not this key's");
  }

  private static Optional<String> authorityKey(Draft draft) {
    AuthorityKeyIdentifier identifier =
        draft.value(Extension.authorityKeyIdentifier, AuthorityKeyIdentifier::getInstance);
    return unless(
        identifier != null
            && draft.has(Extension.authorityKeyIdentifier, false)
            && identifier.getAuthorityCertIssuer() == null
            && Arrays.equals(
                identifier.getKeyIdentifierOctets(), subjectKeyIdentifier(draft.issuer())),
        "authorityKeyIdentifier is missing, critical, or not the issuer's subjectKeyIdentifier");
  }

  private static byte[] subjectKeyIdentifier(Certificate issuer) {
    SubjectKeyIdentifier own =
        SubjectKeyIdentifier.fromExtensions(issuer.getTBSCertificate().getExtensions());
    return own == null
        ? Draft.keyIdentifier(issuer.getSubjectPublicKeyInfo())
        : own.getKeyIdentifier();
  }

  private static Optional<String> crl(Draft draft) {
    CRLDistPoint points = draft.value(Extension.cRLDistributionPoints, CRLDistPoint::getInstance);
    boolean there =
        points != null
            && draft.has(Extension.cRLDistributionPoints, false)
            && points.getDistributionPoints().length > 0
            && Stream.of(points.getDistributionPoints()).allMatch(ExtensionChecks::isFetched);
    return unless(
        points == null ? draft.isResponder() : there,
        "cRLDistributionPoints is missing, critical, or a point is no plain list over http");
  }

  /** A whole list of its own issuer, all reasons, by http. */
  private static boolean isFetched(DistributionPoint point) {
    DistributionPointName name = point.getDistributionPoint();
    return name != null
        && name.getType() == DistributionPointName.FULL_NAME
        && point.getReasons() == null
        && point.getCRLIssuer() == null
        && Stream.of(GeneralNames.getInstance(name.getName()).getNames())
            .allMatch(ExtensionChecks::isHttp);
  }

  private static boolean isHttp(GeneralName name) {
    return name.getTagNo() == GeneralName.uniformResourceIdentifier
        && name.getName().toString().matches("http://[!-~]+");
  }

  private static Optional<String> access(Draft draft) {
    AuthorityInformationAccess access =
        draft.value(Extension.authorityInfoAccess, AuthorityInformationAccess::getInstance);
    List<AccessDescription> told =
        access == null ? List.of() : List.of(access.getAccessDescriptions());
    boolean good =
        draft.has(Extension.authorityInfoAccess, false)
            && tells(told, AccessDescription.id_ad_ocsp)
            && tells(told, AccessDescription.id_ad_caIssuers)
            && told.stream().allMatch(one -> isHttp(one.getAccessLocation()));
    return unless(
        access == null ? draft.isResponder() : good,
        "authorityInfoAccess is missing, critical, or does not tell OCSP and issuer over http");
  }

  private static boolean tells(List<AccessDescription> told, ASN1ObjectIdentifier method) {
    return told.stream().anyMatch(one -> one.getAccessMethod().equals(method));
  }

  private static Optional<String> noCheck(Draft draft) {
    Object value = draft.value(NO_CHECK, parsed -> parsed);
    boolean good = value instanceof ASN1Null && draft.has(NO_CHECK, false);
    return unless(
        draft.isResponder() ? good : value == null,
        "id-pkix-ocsp-nocheck is for OCSP responders, who need it: NULL and not critical");
  }
}
