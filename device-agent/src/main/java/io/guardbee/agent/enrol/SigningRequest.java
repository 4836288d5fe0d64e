package io.guardbee.agent.enrol;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A PKCS#10 request (RFC 2986), signed by the key that it asks a certificate for. */
public record SigningRequest(PublicKey publicKey, byte[] der) {

  public static SigningRequest sign(
      X500Principal subject, PublicKey publicKey, PrivateKey privateKey) {
    try {
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(subject, publicKey)
              .build(new JcaContentSignerBuilder(algorithm(publicKey)).build(privateKey))
              .getEncoded();
      return new SigningRequest(publicKey, der);
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
}
