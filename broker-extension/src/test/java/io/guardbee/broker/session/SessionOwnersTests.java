package io.guardbee.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose sessions are, over restarts and damage. */
class SessionOwnersTests {

  @TempDir Path folder = Path.of("");

  private SessionOwners open() {
    return SessionOwners.in(folder, Runnable::run);
  }

  @Test
  void clientIdThatNamesItsDeviceNeedsNoLine() throws IOException {
    SessionOwners owners = open();
    assertThat(owners.isOwn("d-1", "issuing d-1", "d-1")).isTrue();
    assertThat(owners.isOwn("app-1/a/b", "issuing app-1", "app-1")).isTrue();
    assertThat(owners.isOwn("app-10/a", "issuing app-1", "app-1")).isFalse();
    owners.take("d-1", "issuing d-1", "d-1");
    owners.take("app-1/a", "issuing app-1", "app-1");
    assertThat(Files.readString(folder.resolve("session-owners.tsv"))).isEmpty();
  }

  @Test
  void otherClientIdsBelongToWhoeverTookThem() {
    SessionOwners owners = open();
    assertThat(owners.isOwn("meter", "issuing d-1", "d-1")).as("of an unknown owner").isFalse();
    owners.take("meter", "issuing d-1", "d-1");
    assertThat(owners.isOwn("meter", "issuing d-1", "d-1")).isTrue();
    assertThat(owners.isOwn("meter", "issuing d-2", "d-2")).isFalse();
    assertThat(owners.nameOf("meter")).isEqualTo("d-1");
    assertThat(owners.nameOf("d-2")).isEqualTo("d-2");
    assertThat(owners.nameOf("app-1/x/y")).isEqualTo("app-1");
    SessionOwners restarted = open();
    assertThat(restarted.isOwn("meter", "issuing d-1", "d-1")).isTrue();
  }

  @Test
  void nameOfADeviceUsedByAnotherIsNotItsOwnAnyMore() {
    SessionOwners owners = open();
    owners.take("d-1", "issuing d-9", "d-9");
    assertThat(owners.isOwn("d-1", "issuing d-1", "d-1")).isFalse();
    SessionOwners restarted = open();
    assertThat(restarted.isOwn("d-1", "issuing d-1", "d-1")).isFalse();
    restarted.take("d-1", "issuing d-1", "d-1");
    assertThat(open().isOwn("d-1", "issuing d-1", "d-1")).isTrue();
  }

  @Test
  void tornLastLineIsAsIfNeverWritten() throws IOException {
    open().take("meter-1", "issuing d-1", "d-1");
    Files.writeString(
        folder.resolve("session-owners.tsv"), "meter-2\tissuing d", StandardOpenOption.APPEND);
    SessionOwners owners = open();
    assertThat(owners.isOwn("meter-1", "issuing d-1", "d-1")).isTrue();
    assertThat(owners.isOwn("meter-2", "issuing d", "d")).isFalse();
  }
}
