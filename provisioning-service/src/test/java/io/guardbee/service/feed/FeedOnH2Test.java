package io.guardbee.service.feed;

import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import java.io.IOException;

/** The contract kept by H2. */
class FeedOnH2Test extends FeedContract {

  @Override
  Database open(int connections) throws IOException {
    return Database.open(new Home(directory), new Config.Db("", "", "", connections));
  }
}
