package io.guardbee.hsm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.TokenProgram;
import io.guardbee.hsm.cryptoki.Faults;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.SignatureKind;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.key.TokenPrivateKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.ChildJvm;
import io.guardbee.testing.TestToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of a module, each made to happen under a real one. */
class FaultsTest {

  private static final long GENERAL_ERROR = 0x05;
  private static final long DEVICE_ERROR = 0x30;
  private static final long SESSION_COUNT = 0xB1;
  private static final int THREADS = 50;

  private Token token;
  private TokenKey key;
  private Slot slot;
  private Faults faults;

  @BeforeEach
  void signOnce() throws Exception {
    token = TestToken.open();
    key = token.generate(TestToken.label("fault"), KeyType.EC_P256);
    slot = token.keys().slot();
    faults = Faults.in(slot.cryptoki());
    assertThat(isSigned()).isTrue();
  }

  @AfterEach
  void destroyKeyAndClose() {
    faults.close();
    await().until(() -> token.health().isReady());
    token.destroy(key);
    token.close();
  }

  private boolean isSigned() throws Exception {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key.privateKey());
    signer.update((byte) 1);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update((byte) 1);
    return verifier.verify(signature);
  }

  private void assertRefused(String detail) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(this::signHash)
        .withMessageContaining(detail)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED));
  }

  private byte[] signHash() {
    return ((TokenPrivateKey) key.privateKey()).sign(new SignatureKind.Ecdsa(null), new byte[32]);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0xB3, // CKR_SESSION_HANDLE_INVALID
        0xB0, // CKR_SESSION_CLOSED
        0x101, // CKR_USER_NOT_LOGGED_IN
        0x60, // CKR_KEY_HANDLE_INVALID
        0x82, // CKR_OBJECT_HANDLE_INVALID
        0x32, // CKR_DEVICE_REMOVED
        0xE0, // CKR_TOKEN_NOT_PRESENT
        0x30, // CKR_DEVICE_ERROR
        0x05, // CKR_GENERAL_ERROR
        0x06, // CKR_FUNCTION_FAILED
        0x190 // CKR_CRYPTOKI_NOT_INITIALIZED
      })
  void faultThatPassesIsNotSeenByTheCaller(long code) throws Exception {
    for (String function : List.of("C_SignInit", "C_Sign")) {
      faults.fail(function, code, 1);
      assertThat(isSigned()).isTrue();
      assertThat(token.health().isReady()).isTrue();
    }
  }

  @Test
  void faultThatStaysOpensTheCircuitAndItClosesByItself() throws Exception {
    faults.fail("C_Sign", DEVICE_ERROR, Integer.MAX_VALUE);

    List<String> seen = signOnManyThreads();

    assertThat(seen).hasSize(THREADS).allMatch(line -> line.contains("CKR_DEVICE_ERROR"));
    assertThat(token.health().state()).isEqualTo(TokenHealth.State.UNAVAILABLE);
    assertThat(token.health().detail()).contains("CKR_DEVICE_ERROR");
    assertThat(faults.calls("C_Finalize")).isPositive();
    int before = faults.calls("C_SignInit");
    faults.end();
    await().until(() -> token.health().isReady());
    assertThat(faults.calls("C_SignInit")).isGreaterThan(before); // the probe has signed
    assertThat(signOnManyThreads()).containsOnly("signed");
  }

  private List<String> signOnManyThreads() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      Callable<String> task =
          () -> {
            try {
              return isSigned() ? "signed" : "signed badly";
            } catch (java.security.SignatureException e) {
              return String.valueOf(e.getMessage());
            }
          };
      List<String> seen = new ArrayList<>();
      for (Future<String> done : pool.invokeAll(java.util.Collections.nCopies(THREADS, task))) {
        seen.add(done.get());
      }
      return seen;
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void openCircuitRefusesWithoutAskingTheModule() {
    faults.fail("C_Sign", DEVICE_ERROR, Integer.MAX_VALUE);
    assertRefused("CKR_DEVICE_ERROR");

    assertRefused("unavailable since");
    assertRefused("unavailable since");
  }

  @Test
  void requestThatTheModuleCannotBearDoesNotShutOutOthers() throws Exception {
    faults.alter(
        "C_Sign",
        (arguments, result) -> {
          if (((byte[]) arguments[1])[0] == 66) {
            throw new PKCS11Exception(GENERAL_ERROR);
          }
          return result;
        });
    byte[] unbearable = new byte[32];
    Arrays.fill(unbearable, (byte) 66);

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () ->
                ((TokenPrivateKey) key.privateKey())
                    .sign(new SignatureKind.Ecdsa(null), unbearable))
        .withMessageContaining("CKR_GENERAL_ERROR");

    assertThat(token.health().isReady()).isTrue();
    assertThat(isSigned()).isTrue();
  }

  @Test
  void signatureOfWrongLengthIsNeverUsed() throws Exception {
    faults.alter("C_Sign", (arguments, result) -> Arrays.copyOf((byte[]) result, 63));
    assertRefused("63 octets");
    faults.end();
    await().until(() -> token.health().isReady());
    assertThat(isSigned()).isTrue();
  }

  @Test
  void signatureThatDoesNotVerifyIsNeverUsed() throws Exception {
    faults.alter(
        "C_Sign",
        (arguments, result) -> {
          byte[] wrong = ((byte[]) result).clone();
          wrong[40] ^= 1;
          return wrong;
        });
    assertRefused("does not verify");
  }

  @Test
  void otherCodeMayFinalizeTheLibrary() throws Exception {
    for (int i = 0; i < 3; i++) {
      slot.cryptoki().terminate();
      assertThat(isSigned()).isTrue();
      slot.cryptoki().terminate();
      assertThat(token.find(key.label())).isPresent();
    }
  }

  @Test
  void tokenDirectoryMayGoAwayAndComeBack() throws Exception {
    Path tokens = TestToken.directory().resolve("tokens");
    Path away = Files.move(tokens, TestToken.directory().resolve("away"));
    try {
      assertRefused("unavailable since");
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> token.find(key.label())) // and is not said to be missing
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED));
      assertThat(token.health().state()).isEqualTo(TokenHealth.State.UNAVAILABLE);
    } finally {
      Files.deleteIfExists(tokens);
      Files.move(away, tokens);
    }
    await().until(() -> token.health().isReady());
    assertThat(isSigned()).isTrue();
  }

  @Test
  void keyIsNotSaidToBeMissingWhenItsTokenIsAway() throws Exception {
    Path tokens = TestToken.directory().resolve("tokens");
    Path away = Files.move(tokens, TestToken.directory().resolve("away"));
    try {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> token.find(key.label()))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED));
    } finally {
      Files.deleteIfExists(tokens);
      Files.move(away, tokens);
    }
    await().until(() -> token.health().isReady());
    assertThat(token.find(key.label())).isPresent();
  }

  @Test
  void lockedPinIsNotTakenForAWrongOne() throws Exception {
    faults.fail("C_Login", 0xA4, 1); // CKR_PIN_LOCKED
    slot.cryptoki().closeAllSessions(slot.token().slot());
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(this::signHash)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PIN_WRONG))
        .withMessageContaining("locked");
    token.close();
    token = TestToken.open(); // would be refused if the PIN had been remembered as wrong
    key = token.find(key.label()).orElseThrow();
  }

  @Test
  void anotherProcessOnTheTokenDisturbsNobody() throws Exception {
    ChildJvm other =
        ChildJvm.start(
            TokenProgram.class,
            Map.of(),
            List.of(),
            TestToken.directory().toString(),
            "guardbee-test",
            TestToken.label("other-process"));
    while (other.process().isAlive()) {
      assertThat(isSigned()).isTrue();
    }
    // it has logged out and finalised by now
    assertThat(other.result().stdout()).contains("signed");
    assertThat(isSigned()).isTrue();
  }

  @Test
  void wrongPinIsTriedOnceAndTheRightOneTakenUp(@TempDir Path directory) throws Exception {
    String right = Files.readString(TestToken.uri().pinSource().orElseThrow());
    Path pin = Files.writeString(directory.resolve("pin"), right);
    token.close(); // the PIN's file is the one of who logs in first
    token = Token.open(TestToken.uri().withPinSource(pin));
    key = token.find(key.label()).orElseThrow();
    assertThat(isSigned()).isTrue();
    Files.writeString(pin, "not the PIN");
    slot.cryptoki().closeAllSessions(slot.token().slot());
    int before = faults.calls("C_Login");

    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(this::signHash)
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PIN_WRONG))
          .satisfies(e -> assertThat(e.line()).doesNotContain("not the PIN"));
    }
    assertThat(faults.calls("C_Login") - before).isEqualTo(1);
    assertThat(token.health().state()).isEqualTo(TokenHealth.State.UNAVAILABLE);

    Files.writeString(pin, right);
    await().until(() -> token.health().isReady());
    assertThat(isSigned()).isTrue();
    assertThat(faults.calls("C_Login") - before).isEqualTo(2);
  }

  @Test
  void lastPinAttemptIsLeftToPeople() {
    token.close();
    faults.alter(
        "C_GetTokenInfo",
        (arguments, result) -> {
          ((iaik.pkcs.pkcs11.wrapper.CK_TOKEN_INFO) result).flags |= 0x20000; // FINAL_TRY
          return result;
        });
    int before = faults.calls("C_Login");

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(TestToken::open)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PIN_WRONG))
        .satisfies(e -> assertThat(e.nextStep()).contains("--last-try"));

    assertThat(faults.calls("C_Login")).isEqualTo(before);
    faults.end();
    token = TestToken.open();
  }

  @Test
  void fewerSessionsThanToldAreSharedFairly() throws Exception {
    slot.cryptoki().closeAllSessions(slot.token().slot());
    AtomicInteger open = limitSessions(4);

    assertThat(signOnManyThreads()).containsOnly("signed");
    assertThat(token.health().isReady()).isTrue();
    assertThat(open).hasValueBetween(2, 4);
    assertThat(faults.calls("C_Finalize")).isZero();
  }

  /** The sessions that are open; a token that has no more says so. */
  private AtomicInteger limitSessions(int most) {
    AtomicInteger open = new AtomicInteger();
    faults.alter(
        "C_OpenSession",
        (arguments, result) -> {
          if (open.getAndUpdate(n -> Math.min(n + 1, most)) == most) {
            throw new PKCS11Exception(SESSION_COUNT);
          }
          return result;
        });
    faults.alter(
        "C_CloseSession",
        (arguments, result) -> {
          open.decrementAndGet();
          return result;
        });
    faults.alter(
        "C_Finalize",
        (arguments, result) -> {
          open.set(0);
          return result;
        });
    return open;
  }

  @Test
  void repairWaitsForTheSessionsOfOthersAndEndsNobodysLibrary() throws Exception {
    faults.fail("C_SignInit", DEVICE_ERROR, 1);
    faults.fail("C_OpenSession", SESSION_COUNT, 3);

    assertThat(isSigned()).isTrue();

    assertThat(faults.calls("C_OpenSession")).isGreaterThan(3);
    assertThat(faults.calls("C_Finalize")).isZero();
  }

  @Test
  void requestWaitsWhileOtherProgramsHoldEverySession() throws Exception {
    slot.cryptoki().closeAllSessions(slot.token().slot());
    faults.fail("C_OpenSession", SESSION_COUNT, slot.sessions() + 3);

    assertThat(isSigned()).isTrue();

    assertThat(token.health().isReady()).isTrue();
    assertThat(slot.sessions()).isOne();
  }

  @Test
  void sessionThatIsReturnedDuringARepairIsClosed() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<Object> held = pool.submit(() -> slot.in(session -> hold(taken, release)));
      taken.await();
      int before = faults.calls("C_OpenSession") - faults.calls("C_CloseSession");
      faults.fail("C_SignInit", DEVICE_ERROR, 1);
      faults.alter(
          "C_GetMechanismList", // asked for between the old sessions' end and the new ones
          (arguments, result) -> {
            release.countDown();
            awaitDone(held);
            return result;
          });
      assertThat(isSigned()).isTrue();
      // the two that were open, for the login and the holder, are replaced by two
      assertThat(faults.calls("C_OpenSession") - faults.calls("C_CloseSession")).isEqualTo(before);
    } finally {
      release.countDown();
      pool.shutdown();
    }
  }

  private static void awaitDone(Future<Object> held) {
    try {
      held.get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoWaitsTooLongForASessionIsTold() throws Exception {
    int all = slot.sessions();
    CountDownLatch taken = new CountDownLatch(all);
    CountDownLatch release = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(all);
    try {
      for (int i = 0; i < all; i++) {
        Future<Object> unused = pool.submit(() -> slot.in(session -> hold(taken, release)));
      }
      taken.await();
      assertRefused("sessions stayed busy");
    } finally {
      release.countDown();
      pool.shutdown();
    }
  }

  private static Object hold(CountDownLatch taken, CountDownLatch release) {
    taken.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return taken;
  }
}
