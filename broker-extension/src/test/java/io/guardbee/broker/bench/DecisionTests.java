package io.guardbee.broker.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmarks measure does what the door does; each runs once. */
class DecisionTests {

  private static final Path POLICY = Path.of("src/main/extension/conf/policy.yaml");

  @TempDir private Path folder;

  @BeforeEach
  void issue() throws Exception {
    TestCa issuing = TestCa.root().authority("issuing");
    Files.writeString(folder.resolve("issuing.pem"), Pem.certificate(issuing.certificate()));
    Files.writeString(
        folder.resolve("devices.pem"),
        Pem.certificate(issuing.device("d-1").certificate())
            + Pem.certificate(issuing.device("d-2").certificate()));
    Files.copy(POLICY, folder.resolve("policy.yaml"));
    System.setProperty(Micro.FOLDER, folder.toString());
  }

  @AfterEach
  void forget() {
    System.clearProperty(Micro.FOLDER);
  }

  @Test
  void connectIsDecidedForOneDeviceAfterTheOther() {
    ConnectBenchmark connect = new ConnectBenchmark();
    assertThat(connect.whole().clientIds().name()).isEqualTo("d-2");
    assertThat(connect.whole().clientIds().name()).isEqualTo("d-1");
    assertThat(connect.trust().deviceId().value()).isEqualTo("d-2");
    assertThat(connect.status()).isFalse();
    assertThat(connect.policy().rule()).isEqualTo("sensors");
  }

  @Test
  void publishIsAllowedByHiveMqAndByThePolicyAlike() {
    PublishBenchmark publish = new PublishBenchmark();
    assertThat(publish.broker()).isTrue();
    assertThat(publish.policy()).isTrue();
  }

  @Test
  void indexIsAskedWithManyAndWithNone() {
    Map<String, Object> figures = IndexTimes.measure(Decision.read(folder), 0.01, 1000);
    assertThat(figures).containsEntry("entries", 1000);
    assertThat(figures.values())
        .allSatisfy(value -> assertThat(((Number) value).doubleValue()).isPositive());
  }
}
