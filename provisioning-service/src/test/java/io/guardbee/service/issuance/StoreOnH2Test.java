package io.guardbee.service.issuance;

import io.guardbee.service.store.Database;
import java.io.IOException;

/** The contract kept by H2. */
class StoreOnH2Test extends StoreContract {

  @Override
  Database open() throws IOException {
    return Database.embedded(directory);
  }
}
