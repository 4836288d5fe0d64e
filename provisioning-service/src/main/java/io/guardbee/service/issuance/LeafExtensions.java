package io.guardbee.service.issuance;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Profile.ServerKeys;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** The extensions of a certificate (RFC 5280 §4.2), made from its profile. */
final class LeafExtensions {

  private final ApprovedRequest approved;
  private final Issuer issuer;

  LeafExtensions(ApprovedRequest approved, Issuer issuer) {
    this.approved = approved;
    this.issuer = issuer;
  }

  Extensions all() {
    ExtensionsGenerator all = new ExtensionsGenerator();
    try {
      all.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      all.addExtension(Extension.keyUsage, true, keyUsage());
      all.addExtension(Extension.extendedKeyUsage, false, purposes());
      all.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(approved.request().publicKey()));
      all.addExtension(issuer.authorityKey());
      if (!approved.names().isEmpty()) {
        all.addExtension(Extension.subjectAlternativeName, false, names());
      }
      if (approved.profile().purposes().contains(Purpose.OCSP)) {
        // RFC 6960 §4.2.2.2.1: who tells of revocations is not asked about itself
        all.addExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE);
      } else {
        all.addExtension(issuer.distributionPoints());
        all.addExtension(issuer.informationAccess());
      }
      return all.generate();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("extensions built from a profile encode", e);
    }
  }

  /**
   * To sign: all that TLS 1.3 and ECDHE suites ask of a certificate (RFC 8422 §5.3, RFC 8446
   * §4.4.2.2). A key is for encryption too only where the service sends keys to it (RFC 7030
   * §4.4.1.2), and only as far as a purpose allows it (RFC 5280 §4.2.1.12): RSA transports keys
   * (RFC 3279 §2.3.1) for a server, not for a client; EC agrees on keys (RFC 8813 §3) for either;
   * Ed25519 does neither (RFC 8410 §5).
   */
  private KeyUsage keyUsage() {
    Profile profile = approved.profile();
    if (profile.serverKeys() == ServerKeys.OFF) {
      return new KeyUsage(KeyUsage.digitalSignature);
    }
    boolean server = profile.purposes().contains(Purpose.SERVER);
    boolean client = profile.purposes().contains(Purpose.CLIENT);
    int encryption =
        switch (approved.request().keyKind()) {
          case RSA -> server ? KeyUsage.keyEncipherment : 0;
          case EC_P256, EC_P384 -> server || client ? KeyUsage.keyAgreement : 0;
          case ED25519 -> 0;
        };
    return new KeyUsage(KeyUsage.digitalSignature | encryption);
  }

  private ExtendedKeyUsage purposes() {
    List<Purpose> purposes = approved.profile().purposes();
    return new ExtendedKeyUsage(
        purposes.stream()
            .map(
                purpose ->
                    switch (purpose) {
                      case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                      case SERVER -> KeyPurposeId.id_kp_serverAuth;
                      case REGISTRATION_AUTHORITY -> KeyPurposeId.id_kp_cmcRA;
                      case OCSP -> KeyPurposeId.id_kp_OCSPSigning;
                    })
            .toArray(KeyPurposeId[]::new));
  }

  private GeneralNames names() {
    return new GeneralNames(
        approved.names().stream().map(LeafExtensions::name).toArray(GeneralName[]::new));
  }

  private static GeneralName name(Name name) {
    try {
      // BouncyCastle keeps the low octet of a character that IA5 does not have: а would become 0
      if (name.value().chars().allMatch(character -> character < 0x80)) {
        return new GeneralName(form(name.kind()), name.value());
      }
    } catch (IllegalArgumentException e) {
      // such as an address that is none
    }
    throw new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "name " + Quoted.of(name.toString()) + " does not fit a certificate (RFC 5280 4.2.1.6)",
        "mend profiles.*.names or listen.names in config.yaml; international names go in as"
            + " xn--… or percent-encoded");
  }

  private static int form(Name.Kind kind) {
    return switch (kind) {
      case DNS -> GeneralName.dNSName;
      case IP -> GeneralName.iPAddress;
      case URI -> GeneralName.uniformResourceIdentifier;
      case EMAIL -> GeneralName.rfc822Name;
    };
  }
}
