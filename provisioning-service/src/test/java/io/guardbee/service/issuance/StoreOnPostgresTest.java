package io.guardbee.service.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.service.store.Database;
import io.guardbee.service.store.OnPostgres;
import io.guardbee.service.store.Replica;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract kept by PostgreSQL, and what only a database with replicas has to keep. */
class StoreOnPostgresTest extends StoreContract {

  private final TestPostgres.Db db = OnPostgres.create();

  @Override
  Database open() throws IOException {
    return OnPostgres.open(db);
  }

  @Test
  void onlyTheDeadAreTakenOver() {
    try (Replica here = Replica.join(database)) {
      Replica there = Replica.join(database);
      ledger(there.id()).reserve(List.of(request("d-1")));
      assertThat(ledger(here.id()).reconcile()).as("it lives").isZero();
      database.transact(
          tx ->
              tx.execute(
                  "update replica set seen_at = seen_at - interval '11' second where id = ?",
                  there.id()));
      assertThat(ledger(here.id()).reconcile()).as("its lease has ended").isEqualTo(1);
      ledger(there.id()).reserve(List.of(request("d-2")));
      there.close();
      assertThat(ledger(here.id()).reconcile()).as("it has gone").isEqualTo(1);
    }
  }
}
