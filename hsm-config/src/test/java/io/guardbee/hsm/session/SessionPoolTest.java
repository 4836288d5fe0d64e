package io.guardbee.hsm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionPoolTest {

  private static final long PAST = System.nanoTime() - 1;

  private final AtomicLong now = new AtomicLong();
  private final SessionPool pool = new SessionPool("token", 2, now::get);

  @Test
  void shrunkPoolRegainsItsSessionsInTime() {
    pool.take(PAST);
    pool.shrink(PAST);
    assertThat(pool.limit()).isOne();

    pool.take(PAST); // the one that is left
    pool.giveBack();
    assertThat(pool.limit()).isOne();

    now.addAndGet(Duration.ofMinutes(1).toNanos());
    pool.take(PAST);
    pool.take(PAST);
    assertThat(pool.limit()).isEqualTo(2);
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> pool.take(PAST));
  }

  @Test
  void lastSessionIsNotGivenUpButItsHolderIsToldInTheEnd() {
    pool.take(PAST);
    pool.shrink(PAST);
    pool.take(PAST);

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> pool.shrink(PAST))
        .withMessageContaining("CKR_SESSION_COUNT")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED));

    pool.take(PAST); // it has been given back
  }
}
