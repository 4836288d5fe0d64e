package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.SignedHead;
import io.guardbee.service.audit.Verification;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.config.Home;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee audit verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Looks whether the log is as it was sealed: that no entry was changed, taken out, put in or",
      "moved, and that its end is the one which the module signed. Needs neither service nor module",
      "for an export. Exit code 1 when anything is amiss; it says at which entry."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee audit verify",
      "  guardbee audit verify audit.ndjson",
      "  guardbee audit verify audit.ndjson --trust root.pem",
      "  guardbee audit verify --against last-month.ndjson"
    })
final class AuditVerifyCommand implements Callable<Integer> {

  private static final int FAILED = 1;
  private static final String HEAD = "{\"head\":";

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "an export (default: the log of the running service)")
  private @Nullable Path file;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "certificates of the operations authorities, or the root's (default: ca/operations.pem"
              + " in the home)")
  private @Nullable Path trust;

  @Option(
      names = "--after",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "look only at what comes after that entry; for an export made with --after")
  private long after;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "an earlier export: this log must go on from it")
  private @Nullable Path against;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  private record Found(
      boolean good,
      long entries,
      long last,
      @Nullable String signed,
      @Nullable String signer,
      List<Verification.Problem> problems) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home here = new Home(home.directory());
    Path anchors = trust == null ? AuthorityFiles.file(here.ca(), "operations") : trust;
    Verification log = new Verification(after);
    if (against != null) {
      log.goesOnFrom(lastEntry(against));
    }
    Optional<SignedHead> head = file == null ? service(here, log) : export(file, log);
    log.head(head, Pem.readCertificates(anchors));
    print(
        new Found(
            log.problems().isEmpty(),
            log.count(),
            log.last(),
            head.map(SignedHead::time).orElse(null),
            head.map(SignedHead::signer).orElse(null),
            log.problems()));
    return log.problems().isEmpty() ? 0 : FAILED;
  }

  private Optional<SignedHead> service(Home here, Verification log)
      throws IOException, InterruptedException {
    AuditSource.End end = new AuditSource(Api.of(here.directory())).read(after, log::line);
    if (end.waiting() > 0) {
      log.problem(0, end.waiting() + " entries wait for their seal: does the module sign?");
    }
    return end.head();
  }

  private static Optional<SignedHead> export(Path file, Verification log) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith(HEAD)) {
          if (lines.readLine() != null) {
            log.problem(0, "the export goes on after its signed head");
          }
          return SignedHead.parse(line);
        }
        log.line(line);
      }
      return Optional.empty();
    }
  }

  private static String lastEntry(Path export) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(export, StandardCharsets.UTF_8)) {
      return lines
          .lines()
          .filter(line -> !line.startsWith(HEAD))
          .reduce((before, next) -> next)
          .orElseThrow(
              () ->
                  new RefusedException(
                      Reason.REQUEST_MALFORMED,
                      export + " holds no entry",
                      "name a file that guardbee audit export wrote"));
    }
  }

  private void print(Found found) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Api.JSON.writeValueAsString(found));
    } else {
      out.println("entries   " + found.entries() + ", the last is " + found.last());
      out.println("signed    " + found.signed() + " by " + found.signer());
      out.println("state     " + (found.good() ? "verified" : "NOT as it was sealed"));
    }
    PrintWriter narration = spec.commandLine().getErr();
    for (Verification.Problem problem : found.problems()) {
      narration.println(
          "problem: "
              + (problem.entry() > 0 ? "entry " + problem.entry() + " " : "")
              + problem.what());
    }
  }
}
