package io.guardbee.service.ocsp;

import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.AuthorityFiles;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.ocsp.CertificateID;

/** Whom a question names by the hashes of name and key (RFC 6960 §4.1.1). Immutable. */
final class Issuers {

  private static final Map<ASN1ObjectIdentifier, String> HASHES =
      Map.of(
          OIWObjectIdentifiers.idSHA1, "SHA-1",
          NISTObjectIdentifiers.id_sha256, "SHA-256",
          NISTObjectIdentifiers.id_sha384, "SHA-384",
          NISTObjectIdentifiers.id_sha512, "SHA-512");

  private final Map<String, Authority> byHashes = new HashMap<>();

  Issuers(Authorities authorities) {
    for (String role : AuthorityFiles.ROLES) {
      for (Authority authority : authorities.all(role)) {
        HASHES.forEach((hash, name) -> byHashes.put(hashes(hash, name, authority), authority));
      }
    }
  }

  private static String hashes(ASN1ObjectIdentifier hash, String name, Authority authority) {
    byte[] subject = authority.certificate().getSubjectX500Principal().getEncoded();
    byte[] key =
        SubjectPublicKeyInfo.getInstance(authority.certificate().getPublicKey().getEncoded())
            .getPublicKeyData()
            .getBytes();
    try {
      MessageDigest digest = MessageDigest.getInstance(name);
      return text(hash, digest.digest(subject), digest.digest(key));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + name, e);
    }
  }

  private static String text(ASN1ObjectIdentifier hash, byte[] name, byte[] key) {
    HexFormat hex = HexFormat.of();
    return hash + " " + hex.formatHex(name) + " " + hex.formatHex(key);
  }

  /**
   * The authority that all of these name. An answer has one signer, who speaks for one authority
   * (RFC 6960 §4.2.2.2): about certificates of two it would be right for one of them only.
   *
   * @return empty when they name different ones, or one that is none of ours
   */
  Optional<Authority> common(List<CertificateID> certificates) {
    Optional<Authority> first = of(certificates.get(0));
    return certificates.stream().allMatch(one -> of(one).equals(first)) ? first : Optional.empty();
  }

  private Optional<Authority> of(CertificateID certificate) {
    return Optional.ofNullable(
        byHashes.get(
            text(
                certificate.getHashAlgOID(),
                certificate.getIssuerNameHash(),
                certificate.getIssuerKeyHash())));
  }
}
