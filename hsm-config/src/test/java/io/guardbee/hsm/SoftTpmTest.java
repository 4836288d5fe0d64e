package io.guardbee.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.ChildJvm;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestToken;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.Signature;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  @Test
  void keysOutlivePowerCuts() throws Exception {
    String label = TestToken.label("tpm");
    token.generate(label, KeyType.EC_P256);

    for (int cut = 0; cut < 4; cut++) { // three are enough to lock a TPM whose owner does not care
      SoftTpm.shared().kill();
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> token.generate(label + "-lost", KeyType.EC_P256));
      SoftTpm.shared().restart();

      await().ignoreExceptions().until(() -> isSignedBy(token.find(label).orElseThrow()));
    }

    token.destroy(token.find(label).orElseThrow());
  }

  @Test
  void anotherProcessHasATpmOfItsOwn(@TempDir Path directory) throws Exception {
    try (SoftTpm own = SoftTpm.start(directory)) {
      ChildJvm.Result result =
          ChildJvm.run(SignProgram.class, own.environment(), own.uri().toString());

      assertThat(result.stdout()).as(result.stderr()).isEqualTo("signed\n");
    }
  }

  @Test
  void noServerOutlivesItsJvm(@TempDir Path directory) throws Exception {
    ChildJvm.Result result = ChildJvm.run(HaltingProgram.class, Map.of(), directory.toString());

    assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
    for (String socket : List.of("sock", "bus")) {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve(socket));
      await()
          .untilAsserted(
              () ->
                  assertThatExceptionOfType(ConnectException.class)
                      .isThrownBy(() -> SocketChannel.open(address).close()));
    }
  }

  /** Signs with a new key of the token whose URI is the argument. */
  static final class SignProgram {
    private SignProgram() {}

    public static void main(String[] args) throws Exception {
      try (Token token = Token.open(Pkcs11Uri.parse(args[0]))) {
        TokenKey key = token.generate("child", KeyType.EC_P256);
        System.out.println(isSignedBy(key) ? "signed" : "not signed");
      }
    }
  }

  /** Starts a TPM in the directory and ends without another word. */
  static final class HaltingProgram {
    private HaltingProgram() {}

    public static void main(String[] args) throws Exception {
      SoftTpm.start(Path.of(args[0]));
      Runtime.getRuntime().halt(3);
    }
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
