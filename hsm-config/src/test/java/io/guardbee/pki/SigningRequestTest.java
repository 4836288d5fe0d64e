package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PKCS#10 by hand, read by a library. */
class SigningRequestTest {

  @ParameterizedTest
  @CsvSource({"EC, 256", "EC, 384", "RSA, 2048", "RSA, 4096", "Ed25519, 255"})
  void isReadAndItsSignatureProvesTheKey(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    KeyPair pair = generator.generateKeyPair();
    byte[] der = Pem.der("CERTIFICATE REQUEST", SigningRequest.pem(pair));

    JcaPKCS10CertificationRequest read = new JcaPKCS10CertificationRequest(der);

    assertThat(read.getPublicKey().getEncoded()).isEqualTo(pair.getPublic().getEncoded());
    assertThat(read.getSubject().getRDNs()).isEmpty();
    assertThat(read.getAttributes()).isEmpty();
    assertThat(
            read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(pair.getPublic())))
        .isTrue();
    assertThat(read.getEncoded()).as("DER").isEqualTo(der);
  }
}
