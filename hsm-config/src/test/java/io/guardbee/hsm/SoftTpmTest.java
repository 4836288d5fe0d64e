package io.guardbee.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestToken;
import java.security.Signature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The second module: tpm2-pkcs11, with a real TPM in software. */
class SoftTpmTest {

  private Token token;

  @BeforeEach
  void openToken() throws Exception {
    token = Token.open(SoftTpm.shared().uri());
  }

  @AfterEach
  void closeToken() {
    token.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyType.class,
      names = {"EC_P256", "EC_P384", "RSA_2048", "RSA_3072"})
  void keyIsMadeFoundUsedAndDestroyed(KeyType type) throws Exception {
    String label = TestToken.label("tpm");
    TokenKey made = token.generate(label, type);

    TokenKey found = token.find(label).orElseThrow();

    assertThat(found.id()).isEqualTo(made.id());
    assertThat(isSignedBy(found)).isTrue();
    token.destroy(found);
    assertThat(token.find(label)).isEmpty();
  }

  @Test
  void privateHalfNeverLeaves() {
    TokenKey key = token.generate(TestToken.label("tpm"), KeyType.EC_P256);

    assertThat(token.isConfined(key)).isTrue();
    assertThat(key.privateKey().getEncoded()).isNull();
    assertThat(token.evidence(key).alwaysSensitive()).isTrue();
    assertThat(token.evidence(key).neverExtractable()).isTrue();
    assertThat(token.evidence(key).local()).isTrue();
    token.destroy(key);
  }

  private static boolean isSignedBy(TokenKey key) throws Exception {
    String algorithm =
        "SHA256with" + (key.publicKey().getAlgorithm().equals("EC") ? "ECDSA" : "RSA");
    byte[] data = {1, 2, 3};
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key.privateKey());
    signer.update(data);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(key.publicKey());
    verifier.update(data);
    boolean verified = verifier.verify(signature);
    assertThat(verifier.getProvider().getName()).isNotEqualTo("Guardbee");
    return verified;
  }
}
