package io.guardbee.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.ChildJvm;
import io.guardbee.testing.TestCa;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {

  private static final DeviceId ID = new DeviceId("d:1.x-y_z");

  private final Path home;

  StateStoreTest(@TempDir Path home) {
    this.home = home;
  }

  @Test
  void whatWasSavedIsReadAgain() {
    Enrolment enrolment = enrolment();
    store().save(enrolment);
    assertThat(store().read()).contains(enrolment);
  }

  @Test
  void enrolmentThatWasCutOffBeforeItsCertificateIsNone() throws Exception {
    store().save(enrolment());
    Files.delete(store().certificateFile());
    assertThat(store().read()).isEmpty();
  }

  @Test
  void damagedStateIsNamedAndNotTakenForNone() throws Exception {
    store().save(enrolment());
    Files.writeString(store().directory().resolve("agent.json"), "{");
    assertThatThrownBy(() -> store().read())
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
  }

  @Test
  void directoryThatCannotBeWrittenIsNamed() throws Exception {
    Files.writeString(home.resolve("agent"), "a file where a directory should be");
    assertThatThrownBy(() -> store().save(enrolment()))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
  }

  @Test
  void lastContactIsKept() {
    Contact contact = new Contact(Instant.parse("2026-01-01T00:00:00Z"), "connected");
    store().note(contact);
    assertThat(store().lastContact()).contains(contact);
  }

  /** Killed at ten moments while it renews without pause, the device always holds a whole chain. */
  @Test
  void renewalKilledAtAnyMomentLeavesAWholeCertificate() throws Exception {
    store().save(enrolment());
    for (int round = 0; round < 10; round++) {
      Instant before = Files.getLastModifiedTime(store().certificateFile()).toInstant();
      ChildJvm child =
          ChildJvm.start(RenewForever.class, Map.of(), List.of(), home.toString(), ID.value());
      await()
          .until(
              () ->
                  Files.getLastModifiedTime(store().certificateFile()).toInstant().isAfter(before));
      child.process().destroyForcibly().waitFor();
      assertThat(store().read().orElseThrow().chain()).hasSize(2);
    }
  }

  /** Writes the chain it finds again and again. */
  static final class RenewForever {
    public static void main(String... args) {
      StateStore store = new StateStore(Path.of(args[0]), new DeviceId(args[1]));
      Enrolment enrolment = store.read().orElseThrow();
      while (true) {
        store.renew(enrolment.chain());
      }
    }
  }

  private StateStore store() {
    return new StateStore(home, ID);
  }

  private static Enrolment enrolment() {
    TestCa root = TestCa.root();
    TestCa device = root.authority("issuing").device("d-1");
    return new Enrolment(
        ID,
        URI.create("https://localhost:8443"),
        URI.create("ssl://localhost:8883"),
        "file:/somewhere/key.pem",
        device.chain(),
        root.certificate());
  }
}
