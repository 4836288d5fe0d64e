package io.guardbee.service.request;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.KeyKind;
import java.io.IOException;
import java.io.OutputStream;
import java.security.PublicKey;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.ContentVerifier;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/** The proof that the author of a request holds its private key (RFC 2986 §3). */
final class Possession {

  private static final Set<ASN1ObjectIdentifier> EC =
      Set.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          X9ObjectIdentifiers.ecdsa_with_SHA512);

  private static final Map<KeyKind, Set<ASN1ObjectIdentifier>> ALGORITHMS =
      Map.of(
          KeyKind.EC_P256,
          EC,
          KeyKind.EC_P384,
          EC,
          KeyKind.ED25519,
          Set.of(EdECObjectIdentifiers.id_Ed25519),
          KeyKind.RSA,
          Set.of(
              PKCSObjectIdentifiers.sha256WithRSAEncryption,
              PKCSObjectIdentifiers.sha384WithRSAEncryption,
              PKCSObjectIdentifiers.sha512WithRSAEncryption,
              PKCSObjectIdentifiers.id_RSASSA_PSS));

  private static final Set<ASN1ObjectIdentifier> HASHES =
      Set.of(
          NISTObjectIdentifiers.id_sha256,
          NISTObjectIdentifiers.id_sha384,
          NISTObjectIdentifiers.id_sha512);

  private Possession() {}

  /**
   * Verifies.
   *
   * @throws RefusedException {@link Reason#CSR_SIGNATURE_INVALID}
   */
  static void check(Pkcs10 request, PublicKey key, KeyKind kind) {
    AlgorithmIdentifier algorithm = request.algorithm();
    if (!ALGORITHMS.getOrDefault(kind, Set.of()).contains(algorithm.getAlgorithm())
        || !hasSoundParameters(algorithm)) {
      throw new RefusedException(
          Reason.CSR_SIGNATURE_INVALID,
          "a request for a key of "
              + kind
              + " signed with algorithm "
              + algorithm.getAlgorithm()
              + " is not accepted",
          "sign it with SHA-256, SHA-384 or SHA-512: openssl req -new -sha256");
    }
    if (!verifies(request, key)) {
      throw new RefusedException(
          Reason.CSR_SIGNATURE_INVALID,
          "the request's signature does not match its public key",
          "sign the request with the private key that belongs to it");
    }
  }

  private static boolean hasSoundParameters(AlgorithmIdentifier algorithm) {
    if (PKCSObjectIdentifiers.id_RSASSA_PSS.equals(algorithm.getAlgorithm())) {
      // RFC 4055 §3.1: left out, the hash is SHA-1
      RSASSAPSSparams pss = RSASSAPSSparams.getInstance(algorithm.getParameters());
      AlgorithmIdentifier mask = pss.getMaskGenAlgorithm();
      return HASHES.contains(pss.getHashAlgorithm().getAlgorithm())
          && PKCSObjectIdentifiers.id_mgf1.equals(mask.getAlgorithm())
          && HASHES.contains(AlgorithmIdentifier.getInstance(mask.getParameters()).getAlgorithm());
    }
    return algorithm.getParameters() == null
        || DERNull.INSTANCE.equals(
            algorithm.getParameters()); // with EC against RFC 5758, yet common
  }

  private static boolean verifies(Pkcs10 request, PublicKey key) {
    try {
      ContentVerifier verifier =
          new JcaContentVerifierProviderBuilder().build(key).get(request.algorithm());
      try (OutputStream signed = verifier.getOutputStream()) {
        signed.write(request.signed().getOctets());
      }
      return verifier.verify(request.signature().getOctets());
    } catch (OperatorCreationException | IOException | RuntimeException e) {
      return false; // providers report a signature that they cannot read in many ways
    }
  }
}
