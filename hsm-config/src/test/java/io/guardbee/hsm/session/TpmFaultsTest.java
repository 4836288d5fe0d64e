package io.guardbee.hsm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.Hash;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.SignatureKind;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.key.TokenPrivateKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.SoftTpm;
import io.guardbee.testing.TestToken;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A TPM that dies and comes back under load. */
class TpmFaultsTest {

  private static final int THREADS = 50;

  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> others = new ConcurrentLinkedQueue<>();
  private final AtomicInteger signed = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean stop = new AtomicBoolean();

  @Test
  void tpmMayBeKilledAndRestartedUnderFiftySigningThreads() throws Exception {
    SoftTpm tpm = SoftTpm.shared();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try (Token token = Token.open(tpm.uri())) {
      TokenKey key = token.generate(TestToken.label("survivor"), KeyType.EC_P256);
      for (int i = 0; i < THREADS; i++) {
        pool.execute(() -> signUntilTold((TokenPrivateKey) key.privateKey()));
      }
      await().until(() -> signed.get() > THREADS);

      tpm.kill();

      await().until(() -> token.health().state() == TokenHealth.State.UNAVAILABLE);
      await().until(() -> refusals.size() > THREADS);
      int before = signed.get();
      tpm.restart();
      await().until(() -> token.health().isReady());
      await().until(() -> signed.get() > before + THREADS);
      stop.set(true);
      pool.shutdown();
      assertThat(pool.awaitTermination(90, TimeUnit.SECONDS)).isTrue();
      assertThat(waiting).hasValue(0); // every request was answered
      assertThat(others).isEmpty();
      assertThat(refusals).allMatch(line -> line.startsWith(Reason.MODULE_FAILED + ": "));
      token.destroy(key);
    } finally {
      stop.set(true);
      pool.shutdownNow();
    }
  }

  private void signUntilTold(TokenPrivateKey key) {
    while (!stop.get()) {
      waiting.incrementAndGet();
      try {
        key.sign(new SignatureKind.Ecdsa(null), new byte[32]);
        signed.incrementAndGet();
      } catch (RefusedException e) {
        refusals.add(e.line());
        Thread.onSpinWait();
      } catch (RuntimeException | Error e) {
        others.add(e);
      } finally {
        waiting.decrementAndGet();
      }
    }
  }

  @Test
  void whatTheTpmCannotDoIsRefusedWithWhatItCan() throws Exception {
    try (Token token = Token.open(SoftTpm.shared().uri())) {
      for (KeyType type : new KeyType[] {KeyType.EC_P521, KeyType.RSA_4096, KeyType.ED25519}) {
        assertThatExceptionOfType(RefusedException.class)
            .isThrownBy(() -> token.generate(TestToken.label("no"), type))
            .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MECHANISM_MISSING))
            .satisfies(e -> assertThat(e.nextStep()).contains("ec-p256", "rsa-2048"))
            .withMessageContaining(type.toString());
      }
      TokenKey rsa = token.generate(TestToken.label("rsa"), KeyType.RSA_2048);
      // its PSS reads memory that is no longer there: the JVM would not survive it
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () ->
                  ((TokenPrivateKey) rsa.privateKey())
                      .sign(new SignatureKind.Pss(Hash.SHA256, 32), new byte[1]))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MECHANISM_MISSING))
          .satisfies(e -> assertThat(e.nextStep()).contains("CKM_ECDSA", "CKM_RSA_PKCS"));
      token.destroy(rsa);
      assertThat(token.keys().slot().profile().name()).isEqualTo("tpm2-pkcs11");
    }
  }
}
