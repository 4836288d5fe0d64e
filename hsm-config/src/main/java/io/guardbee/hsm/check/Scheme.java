package io.guardbee.hsm.check;

import io.guardbee.hsm.key.Hash;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.SignatureKind;
import io.guardbee.hsm.key.TokenKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;

/**
 * A way to sign that Guardbee uses with keys of a kind.
 *
 * @param name the algorithm's in JCA
 */
record Scheme(String name, SignatureKind kind) {

  /** Begins like no DER: a CA's key must not sign what could be taken for a certificate. */
  private static final byte[] MESSAGE =
      "guardbee hsm check: not a certificate, not a request".getBytes(StandardCharsets.US_ASCII);

  static List<Scheme> of(KeyType type) {
    return switch (type) {
      case EC_P256 -> List.of(ecdsa(Hash.SHA256));
      case EC_P384 -> List.of(ecdsa(Hash.SHA384));
      case EC_P521 -> List.of(ecdsa(Hash.SHA512));
      case RSA_2048, RSA_3072, RSA_4096 ->
          List.of(
              new Scheme("SHA256withRSA", new SignatureKind.Pkcs1(Hash.SHA256)),
              new Scheme("RSASSA-PSS", new SignatureKind.Pss(Hash.SHA256, Hash.SHA256.octets())));
      case ED25519 -> List.of(new Scheme("Ed25519", new SignatureKind.Eddsa()));
    };
  }

  private static Scheme ecdsa(Hash hash) {
    SignatureKind kind = new SignatureKind.Ecdsa(hash);
    return new Scheme(kind.toString(), kind);
  }

  /** Signs in the token, as every user of Guardbee's provider does. */
  byte[] sign(TokenKey key) throws GeneralSecurityException {
    Signature signer = Signature.getInstance(name);
    signer.initSign(key.privateKey());
    parameters(signer);
    signer.update(MESSAGE);
    return signer.sign();
  }

  /** Verifies outside of the token. */
  boolean verify(TokenKey key, byte[] signature) throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(name);
    verifier.initVerify(key.publicKey());
    parameters(verifier);
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }

  private void parameters(Signature signature) throws GeneralSecurityException {
    if (kind instanceof SignatureKind.Pss pss) {
      String hash = pss.hash().jcaName();
      signature.setParameter(
          new PSSParameterSpec(
              hash,
              "MGF1",
              new MGF1ParameterSpec(hash),
              pss.saltOctets(),
              PSSParameterSpec.TRAILER_FIELD_BC));
    }
  }
}
