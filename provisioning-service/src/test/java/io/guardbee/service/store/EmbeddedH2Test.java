package io.guardbee.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded database on a disk that has no room for a while. */
class EmbeddedH2Test {

  private static final long MIB = 1 << 20;

  private final Path directory;
  private final AtomicLong left = new AtomicLong(1000 * MIB);
  private final AtomicLong now = new AtomicLong();

  EmbeddedH2Test(@TempDir Path directory) {
    this.directory = directory;
  }

  private Database open(FreeSpace space) throws IOException {
    return Database.open(new EmbeddedH2(directory.resolve("db"), 4, space));
  }

  private static void write(Database database) {
    database.transact(
        tx -> tx.execute("update audit_head set line = ?", Long.toString(System.nanoTime())));
  }

  private static void writeUrgently(Database database) {
    database.transactUrgently(
        tx -> tx.execute("update audit_head set line = ?", Long.toString(System.nanoTime())));
  }

  private static String read(Database database) {
    return database.transact(
        tx -> tx.createQuery("select line from audit_head").mapTo(String.class).one());
  }

  private void setLeft(long mebibytes) {
    left.set(mebibytes * MIB);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void changesAreRefusedBeforeTheDiskIsFullAndReadsGoOn() throws IOException {
    try (Database database = open(new FreeSpace(left::get, now::get))) {
      write(database);
      String before = read(database);
      setLeft(31);
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> write(database))
          .withMessageContaining("no space left on device: 31 MiB free")
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
      assertThat(read(database)).isEqualTo(before);

      writeUrgently(database);
      before = read(database);
      setLeft(7);
      assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> writeUrgently(database));
      assertThat(read(database)).isEqualTo(before);

      setLeft(63); // between the marks
      assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> write(database));
      setLeft(64);
      write(database);
      setLeft(33);
      write(database);
      assertThat(read(database)).isNotEqualTo(before);
    }
  }

  @Test
  void databaseThatAFullDiskHasClosedOpensAgainByItself() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(directory, 24);
        Database database = open(new FreeSpace(() -> Long.MAX_VALUE, System::nanoTime))) {
      disk.fill(0);
      assertIsFull(database);
      assertIsFull(database);
      disk.clear();
      await().ignoreExceptionsInstanceOf(RefusedException.class).until(() -> tried(database));
      read(database);
    }
  }

  private static void assertIsFull(Database database) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () -> {
              while (true) {
                grow(database);
              }
            })
        .withMessageNotContaining("@")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
  }

  private static void grow(Database database) {
    database.transact(
        tx -> tx.execute("insert into audit_pending (body) values (?)", "x".repeat(500_000)));
  }

  private static boolean tried(Database database) {
    write(database);
    return true;
  }
}
