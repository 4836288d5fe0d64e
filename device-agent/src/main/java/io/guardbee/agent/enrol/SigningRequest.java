package io.guardbee.agent.enrol;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A PKCS#10 request (RFC 2986), signed by the key that it asks a certificate for, and what is said
 * of that key beside it.
 */
public final class SigningRequest {

  private static final int LINE = 64;

  private final PublicKey publicKey;
  private final byte[] der;
  private final @Nullable KeyClaim claim;

  private SigningRequest(PublicKey publicKey, byte[] der, @Nullable KeyClaim claim) {
    this.publicKey = publicKey;
    this.der = der;
    this.claim = claim;
  }

  public static SigningRequest sign(
      X500Principal subject, PublicKey publicKey, PrivateKey privateKey) {
    try {
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(subject, publicKey)
              .build(new JcaContentSignerBuilder(algorithm(publicKey)).build(privateKey))
              .getEncoded();
      return new SigningRequest(publicKey, der, null);
    } catch (OperatorCreationException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the device key does not sign: " + e.getMessage(),
          "check the module with guardbee hsm check");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String algorithm(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return ec.getParams().getCurve().getField().getFieldSize() > 256
          ? "SHA384withECDSA"
          : "SHA256withECDSA";
    }
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : key.getAlgorithm();
  }

  /** The same with what the key's module says of it. */
  public SigningRequest claiming(Optional<KeyClaim> said) {
    return new SigningRequest(publicKey, der, said.orElse(null));
  }

  Optional<KeyClaim> claim() {
    return Optional.ofNullable(claim);
  }

  PublicKey publicKey() {
    return publicKey;
  }

  /** The request itself (RFC 2986). */
  public byte[] der() {
    return der.clone();
  }

  /** The body of an EST request: base64 in lines of 64 (RFC 7030 §4.2.1). */
  public String base64() {
    return Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der) + "\n";
  }
}
