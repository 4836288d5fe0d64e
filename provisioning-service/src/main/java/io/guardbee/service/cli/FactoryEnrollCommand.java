package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code guardbee factory enroll}: a file of requests in, a file of certificates out. */
@Command(
    name = "enroll",
    mixinStandardHelpOptions = true,
    description = {
      "Enrols a batch over one streaming request. Each input line: {\"deviceId\":…,\"csr\":…};",
      "each output line: the certificate, or why there is none. After a power cut run the same",
      "command again: rows that have their certificate are not issued twice.",
      "While the service cannot store rows (its disk is full), the command says so once, waits,",
      "and goes on from the row that was not stored. Exit 1 when a row was refused."
    },
    footer = {"", "Example:", "  guardbee factory enroll --csrs csrs.ndjson --out certs.ndjson"})
final class FactoryEnrollCommand implements Callable<Integer> {

  private static final int FAILED = 1;

  /** The service has no room now, or has not given up yet what it had no room to complete. */
  private static final Set<String> NOT_YET =
      Set.of(Reason.STORAGE_FAILED.toString(), Reason.REQUEST_UNDER_WAY.toString());

  private static final long LONGEST_PAUSE_SECONDS = 15;

  @Option(names = "--csrs", paramLabel = "FILE", required = true, description = "requests, NDJSON")
  private Path csrs;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "results, NDJSON")
  private Path out;

  @Option(
      names = "--profile",
      defaultValue = "sensor",
      description = "of devices that are not known yet (default: ${DEFAULT-VALUE})")
  private String profile;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  private int sentBefore; // rows of this run that have their results
  private int issued;
  private int refused;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Api api = Api.of(home.directory());
    try (BatchResults results = BatchResults.open(out);
        BatchStream stream = BatchStream.open(api)) {
      List<String> rows = rowsLeft(results);
      try (ProgressBar bar = bar(rows.size())) {
        enrolAll(rows, stream, line -> take(line, results, bar));
      }
    }
    say(issued + " certificates written to " + out + ", " + refused + " rows refused");
    return refused == 0 ? 0 : FAILED;
  }

  /** As long as a row cannot be answered for good, waits and sends it again with those after it. */
  private void enrolAll(List<String> rows, BatchStream stream, BatchStream.Results results)
      throws InterruptedException {
    String path =
        "/v1/factory/enroll?profile=" + URLEncoder.encode(profile, StandardCharsets.UTF_8);
    long pause = 1;
    while (true) {
      sentBefore = issued + refused;
      try {
        stream.send(path, rows.stream().skip(sentBefore), results);
        return;
      } catch (NotYet e) {
        boolean isFirst = pause == 1 || issued + refused > sentBefore;
        pause = isFirst ? 1 : pause;
        if (isFirst) {
          say(e.complaint);
          say("waiting to send that row again; to end this, press Ctrl-C and run the same command");
          say("later");
        }
        TimeUnit.SECONDS.sleep(pause);
        pause = Math.min(LONGEST_PAUSE_SECONDS, 2 * pause);
      }
    }
  }

  private void say(String line) {
    PrintWriter narration = spec.commandLine().getErr();
    narration.println(line);
    narration.flush();
  }

  private List<String> rowsLeft(BatchResults results) throws IOException {
    try (var lines = Files.lines(csrs, StandardCharsets.UTF_8)) {
      return lines.filter(line -> !line.isBlank() && !results.has(deviceId(line))).toList();
    }
  }

  private static String deviceId(String row) {
    try {
      return Api.JSON.readTree(row).path("deviceId").asString("");
    } catch (JacksonException e) {
      return ""; // the service says what is wrong with the row
    }
  }

  private void take(String line, BatchResults results, @Nullable ProgressBar bar) {
    JsonNode result = Api.JSON.readTree(line);
    if (NOT_YET.contains(result.path("reason").asString(""))) {
      throw new NotYet(complaint(result));
    }
    append(line, results);
    if (result.path("certificate").isString()) {
      issued++;
    } else {
      refused++;
      say(complaint(result));
    }
    if (bar != null) {
      bar.step();
    }
  }

  private void append(String line, BatchResults results) {
    try {
      results.append(line);
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          out + " cannot be written: " + e.getMessage(),
          "make room, then run the same command again");
    }
  }

  /** A row that is to be sent again: neither it nor those after it have a result. */
  private static final class NotYet extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String complaint;

    NotYet(String complaint) {
      super(complaint, null, false, false);
      this.complaint = complaint;
    }
  }

  private String complaint(JsonNode result) {
    return "row "
        + (sentBefore + result.path("row").asInt())
        + " "
        + Quoted.of(result.path("deviceId").asString(""))
        + ": "
        + result.path("reason").asString()
        + ": "
        + result.path("detail").asString()
        + "; "
        + result.path("nextStep").asString();
  }

  /** A bar on a terminal only; the launcher tells whether stderr is one. */
  private static @Nullable ProgressBar bar(int rows) {
    if (System.getenv("GUARDBEE_TTY") == null) {
      return null;
    }
    boolean plain = System.getenv("NO_COLOR") != null;
    return new ProgressBarBuilder()
        .setTaskName("enrol")
        .setInitialMax(rows)
        .setStyle(plain ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
        .build();
  }
}
