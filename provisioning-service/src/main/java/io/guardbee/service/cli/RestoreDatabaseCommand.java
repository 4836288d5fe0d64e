package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.service.backup.RestoredDatabase;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code guardbee restore database}. */
@Command(
    name = "database",
    mixinStandardHelpOptions = true,
    description = {
      "After pg_restore, or when the files of a database were put back by hand, and before any",
      "service starts on it: brokers are told that this is another history, and certificates",
      "that were issued since the backup are refused until you decide on them."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee restore database --home /srv/guardbee",
      "",
      "Exit codes: 0 done, 1 refused, 2 misuse."
    })
public final class RestoreDatabaseCommand implements Callable<Integer> {

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Home here = new Home(home.directory());
    try (Database database = Database.open(here, ConfigFile.load(here).db())) {
      RestoredDatabase.begin(database, here, Clock.systemUTC());
    }
    spec.commandLine().getErr().println("next: start the service, then guardbee restore reconcile");
    return 0;
  }
}
