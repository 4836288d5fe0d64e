package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.service.backup.Restore;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Puts a backup into a home that has no database; the service must not run on it.",
      "Files that are there stay. What happened since the backup is unknown then: revoke again what was revoked since."
    },
    footer = {"", "Example:", "  guardbee restore guardbee-2026-11-25.zip --home /srv/guardbee"})
public final class RestoreCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "what guardbee backup has written")
  private Path file;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Home here = new Home(home.directory());
    Restore.Result result = new Restore(file, here).run();
    PrintWriter narration = spec.commandLine().getErr();
    result.written().forEach(written -> narration.println("restored  " + written));
    result.kept().forEach(kept -> narration.println("kept      " + kept));
    narration.println(
        result.database()
            ? "next: see that the module's keys are there (SoftHSM: hsm/), then guardbee up"
            : "next: restore the database with pg_restore, see the README, then guardbee up");
    spec.commandLine().getOut().println(here.directory());
    return 0;
  }
}
