package io.guardbee.agent.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.mqtt.Message;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HatchTest {

  private static final Message MESSAGE = new Message("a/b", new byte[] {0, -1, '\n', '"'}, 2);

  private final Path directory;
  private final List<Message> published = new CopyOnWriteArrayList<>();

  HatchTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void messagePassesAsItIs() {
    try (Hatch hatch = Hatch.open(directory, published::add)) {
      assertThat(hatch).isNotNull();
      assertThat(Hatch.pass(directory, MESSAGE)).isTrue();
      assertThat(Hatch.pass(directory, MESSAGE)).isTrue();
    }
    assertThat(published).containsExactly(MESSAGE, MESSAGE);
  }

  @Test
  void refusalComesBackWithItsReason() {
    RefusedException no = new RefusedException(Reason.TOPIC_NOT_ALLOWED, "topic a/b", "use c");
    try (Hatch hatch =
        Hatch.open(
            directory,
            message -> {
              throw no;
            })) {
      assertThat(hatch).isNotNull();
      assertThatThrownBy(() -> Hatch.pass(directory, MESSAGE))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.line()).isEqualTo(no.line()));
    }
  }

  @Test
  void withoutARunningAgentNothingPasses() throws Exception {
    assertThat(Hatch.pass(directory, MESSAGE)).isFalse();
    Files.createFile(directory.resolve("run.sock")); // what a killed agent leaves
    assertThat(Hatch.pass(directory, MESSAGE)).isFalse();
    try (Hatch hatch = Hatch.open(directory, published::add)) {
      assertThat(hatch).isNotNull();
      assertThat(Hatch.pass(directory, MESSAGE)).isTrue();
    }
    assertThat(Hatch.pass(directory, MESSAGE)).isFalse();
  }

  @Test
  void secondAgentOfADeviceIsRefused() {
    try (Hatch hatch = Hatch.open(directory, published::add)) {
      assertThat(hatch).isNotNull();
      assertThatThrownBy(() -> Hatch.open(directory, published::add))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PORT_IN_USE));
    }
    Hatch.open(directory, published::add).close();
  }

  @Test
  void socketIsItsOwnersAlone() throws Exception {
    try (Hatch hatch = Hatch.open(directory, published::add)) {
      assertThat(hatch).isNotNull();
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("run.sock"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void garbageIsAnsweredAndTheNextMessagePasses() throws Exception {
    try (Hatch hatch = Hatch.open(directory, published::add)) {
      assertThat(hatch).isNotNull();
      try (var client =
          java.nio.channels.SocketChannel.open(
              java.net.UnixDomainSocketAddress.of(directory.resolve("run.sock")))) {
        client.write(java.nio.ByteBuffer.wrap(new byte[] {'{', '\n'}));
      }
      assertThat(Hatch.pass(directory, MESSAGE)).isTrue();
    }
  }
}
