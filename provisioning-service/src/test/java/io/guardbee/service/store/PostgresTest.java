package io.guardbee.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL server that does not do, and one that comes and goes. */
class PostgresTest {

  @TempDir private Path directory;

  private RefusedException refusal(Config.Db settings) {
    List<RefusedException> refused = new ArrayList<>();
    assertThatThrownBy(() -> Database.open(new Home(directory), settings).close())
        .isInstanceOfSatisfying(RefusedException.class, refused::add);
    return refused.get(0);
  }

  private static void assertOneLine(RefusedException refused, String... parts) {
    assertThat(refused.line()).contains(parts).doesNotContain("\n").doesNotContain("\tat ");
  }

  private static Config.Db with(TestPostgres.Db db, String url, Path passwordFile) {
    return new Config.Db(url, db.user(), passwordFile.toString(), 4);
  }

  private Path passwordFile(String password, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("password"), password);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void wrongPasswordIsOneClearLine() throws IOException {
    TestPostgres.Db db = OnPostgres.create();
    RefusedException refused =
        refusal(with(db, db.url(), passwordFile("hunter2hunter2", "rw-------")));
    assertThat(refused.reason()).isEqualTo(Reason.STORAGE_FAILED);
    assertOneLine(refused, db.url(), "password authentication failed", "db.passwordFile");
    assertThat(refused.line()).doesNotContain("hunter2");
  }

  @Test
  void absentServerAndAbsentDatabaseAreToldApart() {
    TestPostgres.Db db = OnPostgres.create();
    RefusedException away =
        refusal(with(db, "jdbc:postgresql://127.0.0.1:1/guardbee", db.passwordFile()));
    assertThat(away.reason()).isEqualTo(Reason.STORAGE_FAILED);
    assertOneLine(away, "jdbc:postgresql://127.0.0.1:1/guardbee", "is the server running");
    RefusedException missing = refusal(with(db, db.url() + "x", db.passwordFile()));
    assertOneLine(missing, "does not exist", "createdb");
  }

  @Test
  void passwordsThatOthersMayReadAreRefused() throws IOException {
    TestPostgres.Db db = OnPostgres.create();
    RefusedException file = refusal(with(db, db.url(), passwordFile(db.password(), "rw-r-----")));
    assertThat(file.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
    assertOneLine(file, "may be read by others", "chmod 600");
    RefusedException relative = refusal(with(db, db.url(), Path.of("password")));
    assertOneLine(relative, directory.resolve("password") + " may be read by others");
    RefusedException url =
        refusal(with(db, db.url() + "?ssl=true&password=hunter2hunter2", db.passwordFile()));
    assertThat(url.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
    assertThat(url.line()).doesNotContain("hunter2");
  }

  @Test
  void serverThatConfirmsWhatIsNotOnDiskIsRefused() throws Exception {
    TestPostgres.Db db = OnPostgres.create();
    TestPostgres.shared()
        .sql("postgres", "alter database " + db.user() + " set synchronous_commit = off");
    RefusedException refused = refusal(OnPostgres.settings(db));
    assertThat(refused.reason()).isEqualTo(Reason.STORAGE_FAILED);
    assertOneLine(refused, "synchronous_commit off", "must be on the disk");
  }

  @Test
  void optionsOfTheUrlReachTheDriver() {
    TestPostgres.Db db = OnPostgres.create();
    RefusedException refused = refusal(with(db, db.url() + "?sslmode=require", db.passwordFile()));
    assertOneLine(refused, "does not support SSL");
  }

  @Test
  void replicasThatStartTogetherMigrateOnce() {
    TestPostgres.Db db = OnPostgres.create();
    CountDownLatch together = new CountDownLatch(1);
    List<CompletableFuture<Void>> starts =
        IntStream.range(0, 3)
            .mapToObj(
                number ->
                    CompletableFuture.runAsync(
                        () -> {
                          try {
                            together.await();
                            OnPostgres.open(db).close();
                          } catch (IOException | InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .toList();
    together.countDown();
    CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new)).join();
  }

  @Test
  void lostServerIsRefusedForAWhileAndUsedAgainWithoutARestart() throws Exception {
    try (TestPostgres server = TestPostgres.start()) {
      TestPostgres.Db db = server.database();
      try (Database database = OnPostgres.open(db)) {
        CountDownLatch news = new CountDownLatch(1);
        assertThat(one(database)).isEqualTo(1);
        server.stop();
        assertThatThrownBy(() -> one(database))
            .isInstanceOfSatisfying(
                RefusedException.class,
                refused -> {
                  assertThat(refused.reason()).isEqualTo(Reason.STORAGE_FAILED);
                  assertThat(refused.retryAfter()).isPresent();
                });
        server.restart();
        await().ignoreExceptions().until(() -> one(database) == 1);
        try (News listening = database.news(news::countDown)) {
          assertThat(listening).isNotNull();
          news.await();
        }
      }
    }
  }

  @Test
  void connectionsCutBetweenTwoTransactionsAreNotNoticed() throws Exception {
    TestPostgres.Db db = OnPostgres.create();
    try (Database database = OnPostgres.open(db)) {
      assertThat(one(database)).isEqualTo(1);
      TestPostgres.shared()
          .sql(
              "postgres",
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"
                  + db.user()
                  + "'");
      assertThat(one(database)).isEqualTo(1);
    }
  }

  private static int one(Database database) {
    return database.transact(tx -> tx.createQuery("select 1").mapTo(Integer.class).one());
  }
}
