package io.guardbee.service.store;

import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;

/** Databases on the PostgreSQL server that all tests of this JVM share. */
public final class OnPostgres {

  private OnPostgres() {}

  /** A database that is empty. */
  public static TestPostgres.Db create() {
    try {
      return TestPostgres.shared().database();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An empty one, opened. */
  public static Database fresh() throws IOException {
    return open(create());
  }

  public static Database open(TestPostgres.Db db) throws IOException {
    return Database.open(new Home(Path.of("/nowhere")), settings(db));
  }

  public static Config.Db settings(TestPostgres.Db db) {
    return new Config.Db(db.url(), db.user(), db.passwordFile().toString(), 16);
  }
}
