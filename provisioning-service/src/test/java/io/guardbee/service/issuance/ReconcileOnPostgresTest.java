package io.guardbee.service.issuance;

import io.guardbee.service.store.Database;
import io.guardbee.service.store.OnPostgres;
import java.io.IOException;
import java.nio.file.Path;

/** The same on PostgreSQL. */
class ReconcileOnPostgresTest extends ReconcileTest {

  @Override
  Database openDatabase(Path home) throws IOException {
    return OnPostgres.fresh();
  }
}
