package io.guardbee.service.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeriodicTaskTest {

  private static final PeriodicTask.Settings OFTEN =
      new PeriodicTask.Settings("often", Duration.ofMillis(1), "it failed, as it should");

  @Test
  void goesOnAfterFailures() throws Exception {
    CountDownLatch runs = new CountDownLatch(4);
    PeriodicTask task =
        PeriodicTask.start(
            OFTEN,
            () -> {
              runs.countDown();
              if (runs.getCount() % 2 == 0) {
                throw new IOException("no file");
              }
              throw new IllegalStateException("no state");
            });
    runs.await();
    task.close();
  }

  /** H2 closes the file of a thread that is interrupted, and the database is of no use after it. */
  @Test
  void endsBetweenTwoRunsAndLeavesTheDatabaseInOrder(@TempDir Path directory) throws Exception {
    try (Database database = Database.embedded(directory)) {
      database.transact(tx -> tx.execute("create table run (text varchar(4000))"));
      CountDownLatch begun = new CountDownLatch(10);
      AtomicInteger rows = new AtomicInteger();
      PeriodicTask task =
          PeriodicTask.start(
              OFTEN,
              () -> {
                for (int i = 0; i < 100; i++) {
                  database.transact(
                      tx -> tx.execute("insert into run (text) values (?)", "x".repeat(4000)));
                  rows.incrementAndGet();
                  begun.countDown();
                }
              });
      begun.await();
      task.close();
      int written = rows.get();
      assertThat(written % 100).as("the run under way is finished").isZero();
      assertThat(
              database.<Integer>transact(
                  tx -> tx.createQuery("select count(*) from run").mapTo(Integer.class).one()))
          .isEqualTo(written);
    }
  }
}
