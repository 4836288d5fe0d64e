package io.guardbee.service.feed;

import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.OnPostgres;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;

/** The contract kept by PostgreSQL. */
class FeedOnPostgresTest extends FeedContract {

  @Override
  Database open(int connections) throws IOException {
    TestPostgres.Db db = OnPostgres.create();
    return Database.open(
        new Home(directory),
        new Config.Db(db.url(), db.user(), db.passwordFile().toString(), connections));
  }
}
