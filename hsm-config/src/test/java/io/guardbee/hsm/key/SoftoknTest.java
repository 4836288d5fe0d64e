package io.guardbee.hsm.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.Pin;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys in NSS softokn (Debian: libnss3): a third module, which has no profile of its own. */
class SoftoknTest {

  private static final String LABEL = "NSS Certificate DB";

  private static Token token;

  /** The library reads its directory once per process, so all tests share one. */
  @BeforeAll
  static void makeToken() throws Exception {
    Path directory = Files.createDirectories(Path.of("target", "softokn")).toAbsolutePath();
    Path pin = Files.writeString(directory.resolve("pin"), "a PIN for tests\n");
    Pkcs11Uri uri =
        new Pkcs11Uri(
            Map.of(
                "token",
                LABEL,
                "module-path",
                library().toString(),
                "x-init-reserved",
                "configdir='sql:"
                    + directory
                    + "' certPrefix='' keyPrefix='' secmod='secmod.db' flags=",
                "pin-source",
                "file:" + pin));
    setPin(Library.of(uri), pin);
    token = Token.open(uri);
  }

  private static Path library() throws Exception {
    try (Stream<Path> libraries = Files.list(Path.of("/usr/lib"))) {
      return libraries
          .map(directory -> directory.resolve("libsoftokn3.so"))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow(() -> new AssertionError("libnss3 is not installed: ./guardbee test does"));
    }
  }

  private static void setPin(Library library, Path pin) throws Exception {
    Cryptoki cryptoki = library.cryptoki();
    for (long slot : cryptoki.slots()) {
      if (cryptoki.info(slot).label().equals(LABEL) && !cryptoki.info(slot).isInitialized()) {
        long session = cryptoki.openSession(slot);
        try (Pin user = Pin.read(pin)) {
          cryptoki.login(session, Ck.CKU_SO, new char[0]);
          cryptoki.initPin(session, user.characters());
          cryptoki.logout(session);
        } finally {
          cryptoki.closeSession(session);
        }
      }
    }
  }

  @AfterAll
  static void close() {
    token.close();
  }

  @ParameterizedTest
  @CsvSource({
    "EC_P256,SHA256withECDSA",
    "EC_P384,SHA384withECDSA",
    "EC_P521,SHA512withECDSA",
    "RSA_2048,SHA256withRSA"
  })
  void keysAreMadeFoundUsedAndDestroyed(KeyType type, String algorithm) throws Exception {
    String label = TestToken.label("nss");
    TokenKey made = token.generate(label, type);
    TokenKey key = token.find(label).orElseThrow();
    assertThat(key.publicKey()).isEqualTo(made.publicKey());
    assertThat(token.isConfined(key)).isTrue();
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key.privateKey());
    signer.update((byte) 1);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(key.publicKey());
    verifier.update((byte) 1);
    assertThat(verifier.verify(signature)).isTrue();
    var certificate = TestCa.root().client("CN=d-1", key.publicKey());
    token.certificates().store(label, key.id(), List.of(certificate));
    assertThat(token.certificates().find(label)).containsExactly(certificate);
    token.certificates().destroy(label);
    token.destroy(key);
    assertThat(token.find(label)).isEmpty();
  }
}
