package io.guardbee.service.lint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * Which key usage bits are consistent with an extended key usage (RFC 5280 §4.2.1.12). Both
 * extensions limit the key: a bit that fits no purpose of the certificate can never be used.
 */
final class PurposeUsage {

  /** A bit of the keyUsage extension, by the name that RFC 5280 §4.2.1.3 gives it. */
  private record Bit(String name, int value) {}

  private static final List<Bit> BITS =
      List.of(
          new Bit("digitalSignature", KeyUsage.digitalSignature),
          new Bit("nonRepudiation", KeyUsage.nonRepudiation),
          new Bit("keyEncipherment", KeyUsage.keyEncipherment),
          new Bit("dataEncipherment", KeyUsage.dataEncipherment),
          new Bit("keyAgreement", KeyUsage.keyAgreement),
          new Bit("encipherOnly", KeyUsage.encipherOnly),
          new Bit("decipherOnly", KeyUsage.decipherOnly));

  /** These two only narrow keyAgreement (§4.2.1.3), so they are consistent where it is. */
  private static final int AGREEING =
      KeyUsage.keyAgreement | KeyUsage.encipherOnly | KeyUsage.decipherOnly;

  private static final int SIGNING = KeyUsage.digitalSignature | KeyUsage.nonRepudiation;

  private static final Map<KeyPurposeId, Integer> CONSISTENT =
      Map.of(
          KeyPurposeId.id_kp_serverAuth,
          KeyUsage.digitalSignature | KeyUsage.keyEncipherment | AGREEING,
          KeyPurposeId.id_kp_clientAuth,
          KeyUsage.digitalSignature | AGREEING,
          KeyPurposeId.id_kp_codeSigning,
          KeyUsage.digitalSignature,
          KeyPurposeId.id_kp_emailProtection,
          SIGNING | KeyUsage.keyEncipherment | AGREEING,
          KeyPurposeId.id_kp_timeStamping,
          SIGNING,
          KeyPurposeId.id_kp_OCSPSigning,
          SIGNING,
          KeyPurposeId.id_kp_cmcRA, // RFC 6402 §2.10: it signs for others
          KeyUsage.digitalSignature);

  private PurposeUsage() {}

  static Optional<String> inconsistent(Draft draft) {
    KeyUsage usage = draft.value(Extension.keyUsage, KeyUsage::getInstance);
    List<KeyPurposeId> purposes = draft.purposes();
    if (usage == null || purposes.isEmpty()) {
      return Optional.empty(); // other checks find these
    }
    int allowed =
        purposes.stream()
            .mapToInt(purpose -> CONSISTENT.getOrDefault(purpose, 0))
            .reduce(0, (one, other) -> one | other);
    List<String> others =
        bits(usage).filter(bit -> (allowed & bit.value()) == 0).map(Bit::name).toList();
    return Check.unless(
        others.isEmpty(),
        "keyUsage has " + String.join(", ", others) + ", which no extendedKeyUsage here allows");
  }

  private static Stream<Bit> bits(KeyUsage usage) {
    return BITS.stream().filter(bit -> usage.hasUsages(bit.value()));
  }
}
