package io.guardbee.broker.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.configuration.service.InternalConfigurations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDataTests {

  private static final int HIVEMQS_OWN = 64;

  private final Path folder;

  BrokerDataTests(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void restore() {
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(HIVEMQS_OWN);
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(HIVEMQS_OWN);
  }

  private void assertStores(int of, int payloads) {
    assertThat(InternalConfigurations.PERSISTENCE_BUCKET_COUNT).hasValue(of);
    assertThat(InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT).hasValue(payloads);
  }

  @Test
  void newDataHasFewStoresOnASmallMachine() throws IOException {
    new BrokerData(folder).prepare(2);
    assertStores(16, 16);
    new BrokerData(folder).prepare(32);
    assertStores(64, 64);
  }

  @Test
  void dataKeepsTheStoresThatItHas() throws IOException {
    Path persistence = folder.resolve("persistence");
    for (int i = 0; i < 64; i++) {
      Files.createDirectories(
          persistence.resolve("client_session_store/040000/client_session_store_" + i));
      if (i < 16) {
        Files.createDirectories(
            persistence.resolve("publish_payload_store/040500_R/publish_payload_store_" + i));
      }
    }
    new BrokerData(folder).prepare(2);
    assertStores(64, 16);
  }
}
