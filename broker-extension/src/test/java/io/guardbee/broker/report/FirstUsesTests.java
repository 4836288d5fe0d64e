package io.guardbee.broker.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.status.CertificateKey;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which certificates are told of, and how many are remembered. */
class FirstUsesTests {

  private final LongAdder dropped = new LongAdder();
  private final FirstUses uses = new FirstUses(dropped);

  private static FirstUse use(int number) {
    Serial serial = new Serial(BigInteger.valueOf(number + 1L));
    return new FirstUse(new CertificateKey("issuing", serial), "192.0.2.1");
  }

  private void add(int from, int until) {
    IntStream.range(from, until).forEach(number -> uses.add(use(number)));
  }

  @Test
  void eachCertificateIsToldOnceHoweverOftenItConnects() {
    add(0, 10);
    add(0, 10);
    assertThat(uses.take(100)).hasSize(10);
    add(0, 11);
    assertThat(uses.take(100)).containsExactly(use(10));
  }

  @Test
  void whatFoundNoRoomIsToldAtItsNextConnect() {
    add(0, FirstUses.MOST_WAITING + 1);
    assertThat(dropped.sum()).isEqualTo(1);
    assertThat(uses.take(FirstUses.MOST_WAITING)).hasSize(FirstUses.MOST_WAITING);
    uses.add(use(FirstUses.MOST_WAITING));
    assertThat(uses.take(1)).containsExactly(use(FirstUses.MOST_WAITING));
  }

  @Test
  void theOldestAreForgottenAndToldAgain() {
    for (int number = 0; number < 2 * FirstUses.HALF; number++) {
      uses.add(use(number));
      uses.take(1);
    }
    uses.add(use(FirstUses.HALF));
    assertThat(uses.isEmpty()).as("of the newer half").isTrue();
    uses.add(use(0));
    assertThat(uses.take(1)).containsExactly(use(0));
  }
}
