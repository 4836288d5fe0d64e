package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee backup}. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a home while its service is at work: database, ca/ and config.yaml.",
      "Not the keys: they are in the PKCS#11 module, whose maker says how to copy it (SoftHSM: hsm/)."
    },
    footer = {"", "Example:", "  guardbee backup guardbee-2026-11-25.zip"})
public final class BackupCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "where to; replaced when it is there")
  private Path file;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path target = file.toAbsolutePath();
    Path draft = Files.createTempFile(target.getParent(), ".backup", ".new"); // mode 0600
    try {
      HttpResponse<Path> answer = Api.of(home.directory()).download("/v1/backup", draft);
      Files.move(
          draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      tell(answer.headers().firstValue("Guardbee-Database").orElse(""));
    } finally {
      Files.deleteIfExists(draft);
    }
    return 0;
  }

  private void tell(String database) throws IOException {
    spec.commandLine().getOut().println(file);
    PrintWriter narration = spec.commandLine().getErr();
    narration.println(
        Files.size(file)
            + " octets: ca/, config.yaml"
            + (database.equals("included")
                ? " and the database"
                : "; the database is on PostgreSQL: copy it with pg_dump"));
    narration.println("the keys are not in it: copy the module too (SoftHSM: hsm/)");
  }
}
