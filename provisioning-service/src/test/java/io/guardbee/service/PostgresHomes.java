package io.guardbee.service;

import io.guardbee.service.store.OnPostgres;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives each new home of a test class a database on PostgreSQL. */
final class PostgresHomes implements BeforeAllCallback, AfterAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    RunningService.useDatabase(() -> String.join("\n", OnPostgres.create().configuration()) + "\n");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    RunningService.useDatabase(() -> "");
  }
}
