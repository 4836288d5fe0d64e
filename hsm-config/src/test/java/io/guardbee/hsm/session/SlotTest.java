package io.guardbee.hsm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestToken;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotTest {

  private static final int THREADS = 16;

  private final Path directory;

  SlotTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void manyThreadsSignAndMakeKeysAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try (Token token = TestToken.open()) {
      TokenKey shared = token.generate(TestToken.label("shared"), KeyType.EC_P256);
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        tasks.add(() -> signMany(token, shared, number));
      }
      for (Future<Boolean> done : pool.invokeAll(tasks)) {
        assertThat(done.get()).isTrue();
      }
      token.destroy(shared);
    } finally {
      pool.shutdownNow();
    }
  }

  private static boolean signMany(Token token, TokenKey shared, int number) throws Exception {
    TokenKey own = token.generate(TestToken.label("own"), KeyType.EC_P256);
    boolean good = true;
    for (int i = 0; i < 100; i++) {
      byte[] data = ByteBuffer.allocate(8).putInt(number).putInt(i).array();
      good &= signsWell(i % 2 == 0 ? shared : own, data);
    }
    token.destroy(own);
    return good;
  }

  private static boolean signsWell(TokenKey key, byte[] data) throws Exception {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key.privateKey());
    signer.update(data);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update(data);
    return verifier.verify(signature);
  }

  @Test
  void signingGoesOnWhenTheModuleEndedEverySessionAndTheLogin() throws Exception {
    try (Token token = TestToken.open()) {
      TokenKey key = token.generate(TestToken.label("survivor"), KeyType.EC_P256);
      Slot slot = Library.load(ModuleFile.find(TestToken.uri())).slot(TestToken.uri());
      long number = slot.in(session -> slotNumber(slot));
      for (int i = 0; i < 3; i++) {
        assertThat(signsWell(key, new byte[] {1})).isTrue();
        slot.cryptoki().closeAllSessions(number);
        assertThat(signsWell(key, new byte[] {2})).isTrue();
      }
      slot.cryptoki().closeAllSessions(number);
      assertThat(token.find(key.label())).isPresent();
      token.destroy(key);
    }
  }

  @Test
  void keysStayThereWhenOtherCodeOfTheProcessLogsOut() throws Exception {
    try (Token token = TestToken.open()) {
      TokenKey key = token.generate(TestToken.label("hidden"), KeyType.EC_P256);
      Slot slot = Library.load(ModuleFile.find(TestToken.uri())).slot(TestToken.uri());
      logOut(slot);
      assertThat(token.find(key.label())).isPresent();
      logOut(slot);
      assertThat(signsWell(token.find(key.label()).orElseThrow(), new byte[] {1})).isTrue();
      logOut(slot);
      assertThat(signsWell(key, new byte[] {2})).isTrue();
      token.destroy(key);
    }
  }

  private static void logOut(Slot slot) {
    slot.in(
        session -> {
          slot.cryptoki().logout(session);
          return session;
        });
  }

  @Test
  void aLogInThatFailsOnceIsMadeGoodLater() throws Exception {
    Path pin = pinFile("moving", Files.readString(TestToken.uri().pinSource().orElseThrow()));
    try (Token token = Token.open(TestToken.uri().withPinSource(pin))) {
      TokenKey key = token.generate(TestToken.label("patient"), KeyType.EC_P256);
      Slot slot = Library.load(ModuleFile.find(TestToken.uri())).slot(TestToken.uri());
      Path away = Files.move(pin, directory.resolve("away"));
      slot.cryptoki().closeAllSessions(slotNumber(slot));
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(token::list)
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PIN_WRONG));

      Files.move(away, pin);

      await().until(() -> token.health().isReady());
      assertThat(token.find(key.label())).isPresent();
      token.destroy(key);
    }
  }

  private static long slotNumber(Slot slot) throws CryptokiException {
    for (long number : slot.cryptoki().slots()) {
      if (slot.cryptoki().info(number).label().equals("guardbee-test")) {
        return number;
      }
    }
    throw new AssertionError("the test token is there");
  }

  @Test
  void wrongPinIsTriedOnce() throws Exception {
    Pkcs11Uri uri = TestToken.uri();
    Pkcs11Uri wrong = uri.withPinSource(pinFile("wrong", "not the pin\n"));
    assertRefused(wrong, "is wrong");
    assertThat(triedWrongPin(uri)).isTrue();

    Token.open(uri).close(); // the right one resets the token's memory of a wrong attempt
    assertThat(triedWrongPin(uri)).isFalse();

    assertRefused(wrong, "refused before");
    assertRefused(uri.withPinSource(pinFile("copy", "not the pin")), "refused before");
    assertThat(triedWrongPin(uri)).isFalse();
  }

  @Test
  void anOpenTokenDoesNotHideAWrongPin() throws Exception {
    Pkcs11Uri wrong = TestToken.uri().withPinSource(pinFile("other", "another pin\n"));
    try (Token open = TestToken.open()) {
      assertRefused(wrong, "not the one");
      assertThat(open.list()).isNotNull();
    }
  }

  @Test
  void missingOrEmptyPinIsRefused() throws Exception {
    Pkcs11Uri uri = TestToken.uri();

    assertRefused(uri.withPinSource(directory.resolve("none")), "none");
    assertRefused(uri.withPinSource(pinFile("empty", "\n")), "empty");
    assertRefused(Pkcs11Uri.ofToken("guardbee-test"), "names none");
  }

  /** CKF_USER_PIN_COUNT_LOW: a wrong PIN was tried since the last right one. */
  private static boolean triedWrongPin(Pkcs11Uri uri) {
    return Library.load(ModuleFile.find(uri)).tokens().stream()
        .filter(uri::names)
        .anyMatch(token -> (token.flags() & 0x10000) != 0);
  }

  private Path pinFile(String name, String content) throws Exception {
    return Files.writeString(directory.resolve(name), content);
  }

  private static void assertRefused(Pkcs11Uri uri, String detail) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Token.open(uri))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PIN_WRONG))
        .withMessageContaining(detail)
        .satisfies(e -> assertThat(e.line()).doesNotContain("not the pin", "another pin"));
  }
}
