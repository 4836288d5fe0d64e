package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.backup.ConfigChanges;
import io.guardbee.service.backup.Restore;
import io.guardbee.service.backup.StagedBackup;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    subcommands = {RestoreDatabaseCommand.class, ReconcileCommand.class},
    description = {
      "Puts a backup into a home that has no database; the service must not run on it.",
      "Files that are there stay. What happened since the backup is unknown then: revoke again what"
          + " was revoked since.",
      "The whole file is read and checked first; one that is not what guardbee backup writes is"
          + " refused and",
      "nothing is restored. Its config.yaml says which libraries are loaded and which servers are"
          + " asked: it is",
      "used only after a question on a terminal, or with --with-config. Else it is put beside, as",
      "config.yaml.from-backup, and the settings of the home, or the shipped ones, are in force.",
      "Certificates that were issued since the backup are refused until you decide: restore"
          + " reconcile.",
      "A backup decides whom your brokers trust, and its database can hold code: restore only what"
          + " you have made."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee restore guardbee-2026-11-25.zip --home /srv/guardbee",
      "  guardbee restore guardbee-2026-11-25.zip --with-config",
      "  guardbee restore reconcile",
      "",
      "Exit codes: 0 restored, 1 refused, 2 misuse."
    })
public final class RestoreCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", arity = "0..1", description = "what guardbee backup has written")
  private @Nullable Path file;

  @Option(
      names = "--with-config",
      description = "use the backup's config.yaml, where the home has none, without asking")
  private boolean withConfig;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path backup = file;
    if (backup == null) {
      throw new ParameterException(
          spec.commandLine(), "give the FILE that guardbee backup has written, or a command");
    }
    return restore(backup);
  }

  private int restore(Path archive) throws IOException {
    Home here = new Home(home.directory());
    PrintWriter narration = spec.commandLine().getErr();
    try (StagedBackup backup = Restore.read(archive, here)) {
      tellRoot(backup, narration);
      StagedBackup.Result result = backup.place(isConfigWanted(backup, narration));
      tell(result, here, narration);
    }
    spec.commandLine().getOut().println(here.directory());
    return 0;
  }

  /** Whose root it is can be compared with what {@code guardbee ca show} said. */
  private static void tellRoot(StagedBackup backup, PrintWriter narration) throws IOException {
    Optional<Path> root = backup.root();
    if (root.isPresent()) {
      narration.println("root      " + Fingerprint.of(Pem.readCertificates(root.get()).get(0)));
    }
  }

  private boolean isConfigWanted(StagedBackup backup, PrintWriter narration) throws IOException {
    try {
      Optional<ConfigChanges> changes = backup.configuration();
      if (changes.isEmpty()) {
        return false;
      }
      show(changes.get(), narration);
      return withConfig
          || Question.ofTheTerminal(narration).isAgreed("use the backup's config.yaml?");
    } catch (RefusedException e) {
      if (withConfig) {
        throw e;
      }
      narration.println("the backup's config.yaml is not used: " + e.line());
      return false;
    }
  }

  private static void show(ConfigChanges changes, PrintWriter narration) {
    narration.println("the backup's config.yaml differs from the settings without it in:");
    changes.weighty().forEach(line -> narration.println("  " + line));
    if (!changes.others().isEmpty()) {
      narration.println("  and in: " + String.join(", ", changes.others()));
    }
    if (changes.weighty().isEmpty() && changes.others().isEmpty()) {
      narration.println("  nothing");
    }
  }

  private static void tell(StagedBackup.Result result, Home home, PrintWriter narration) {
    result.written().forEach(written -> narration.println("restored  " + written));
    result.kept().forEach(kept -> narration.println("kept      " + kept));
    result
        .beside()
        .ifPresent(
            beside ->
                narration.println(
                    "beside    "
                        + beside
                        + "  (not in force: compare it, then mv it to "
                        + home.config()
                        + " before the next start)"));
    narration.println(
        result.database()
            ? "next: see that the module's keys are there (SoftHSM: hsm/), then guardbee up;"
                + " certificates issued since the backup are refused until guardbee restore"
                + " reconcile adopts them"
            : "next: restore the database with pg_restore, then guardbee restore database, then"
                + " guardbee up");
  }
}
