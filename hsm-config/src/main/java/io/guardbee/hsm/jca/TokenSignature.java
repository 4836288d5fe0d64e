package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.Hash;
import io.guardbee.hsm.key.SignatureKind;
import io.guardbee.hsm.key.TokenPrivateKey;
import io.guardbee.pki.RefusedException;
import java.io.ByteArrayOutputStream;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/** Signs with a key in a token; verifying is left to other providers. */
final class TokenSignature extends SignatureSpi {

  private final boolean isPss;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private @Nullable SignatureKind kind;
  private @Nullable TokenPrivateKey key;

  private TokenSignature(@Nullable SignatureKind kind, boolean isPss) {
    this.kind = kind;
    this.isPss = isPss;
  }

  static TokenSignature of(SignatureKind kind) {
    return new TokenSignature(kind, kind instanceof SignatureKind.Pss);
  }

  /** RSASSA-PSS by its bare name: hash and salt are parameters, which must be set. */
  static TokenSignature ofPss() {
    return new TokenSignature(null, true);
  }

  @Override
  protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
    SignatureKind wanted =
        kind == null ? new SignatureKind.Pss(Hash.SHA256, Hash.SHA256.octets()) : kind;
    if (!(privateKey instanceof TokenPrivateKey tokenKey) || !tokenKey.makes(wanted)) {
      throw new InvalidKeyException("not a key of a token that Guardbee opened, for " + wanted);
    }
    key = tokenKey;
    message.reset();
  }

  @Override
  protected void engineInitVerify(PublicKey publicKey) throws InvalidKeyException {
    throw new InvalidKeyException("Guardbee signs only; another provider verifies");
  }

  @Override
  protected void engineUpdate(byte b) {
    message.write(b);
  }

  @Override
  protected void engineUpdate(byte[] octets, int offset, int length) {
    message.write(octets, offset, length);
  }

  @Override
  protected byte[] engineSign() throws SignatureException {
    if (key == null) {
      throw new SignatureException("no key: call initSign first");
    }
    if (kind == null) {
      throw new SignatureException("RSASSA-PSS needs its parameters: call setParameter first");
    }
    byte[] octets = message.toByteArray();
    message.reset();
    try {
      return key.sign(kind, octets);
    } catch (RefusedException e) {
      throw new SignatureException(e.line(), e);
    }
  }

  @Override
  protected boolean engineVerify(byte[] signature) throws SignatureException {
    throw new SignatureException("Guardbee signs only; another provider verifies");
  }

  @Override
  protected void engineSetParameter(@Nullable AlgorithmParameterSpec parameters)
      throws InvalidAlgorithmParameterException {
    if (parameters == null) {
      return;
    }
    if (!isPss || !(parameters instanceof PSSParameterSpec pss)) {
      throw new InvalidAlgorithmParameterException("only RSASSA-PSS takes parameters");
    }
    Hash hash =
        Hash.parse(pss.getDigestAlgorithm())
            .orElseThrow(() -> unsupported("hash " + pss.getDigestAlgorithm()));
    if (!(pss.getMGFParameters() instanceof MGF1ParameterSpec mgf)
        || !mgf.getDigestAlgorithm().equals(hash.jcaName())
        || pss.getTrailerField() != PSSParameterSpec.TRAILER_FIELD_BC) {
      throw unsupported("a mask generation other than MGF1 with the same hash, or trailer");
    }
    kind = new SignatureKind.Pss(hash, pss.getSaltLength());
  }

  private static InvalidAlgorithmParameterException unsupported(String what) {
    return new InvalidAlgorithmParameterException(
        what + " is not supported: use SHA-256, SHA-384 or SHA-512 with MGF1 of the same hash");
  }

  @Override
  protected @Nullable AlgorithmParameters engineGetParameters() {
    if (!(kind instanceof SignatureKind.Pss pss)) {
      return null;
    }
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      parameters.init(
          new PSSParameterSpec(
              pss.hash().jcaName(),
              "MGF1",
              new MGF1ParameterSpec(pss.hash().jcaName()),
              pss.saltOctets(),
              PSSParameterSpec.TRAILER_FIELD_BC));
      return parameters;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has RSASSA-PSS", e);
    }
  }

  @Override
  @Deprecated
  protected void engineSetParameter(String name, Object value) {
    throw new InvalidParameterException("use an AlgorithmParameterSpec");
  }

  @Override
  @Deprecated
  protected Object engineGetParameter(String name) {
    throw new InvalidParameterException("use getParameters()");
  }
}
