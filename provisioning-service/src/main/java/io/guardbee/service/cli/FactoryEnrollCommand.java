package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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
      "Exit 1 when a row was refused."
    },
    footer = {"", "Example:", "  guardbee factory enroll --csrs csrs.ndjson --out certs.ndjson"})
final class FactoryEnrollCommand implements Callable<Integer> {

  private static final int FAILED = 1;

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

  private int issued;
  private int refused;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Api api = Api.of(home.directory());
    try (BatchResults results = BatchResults.open(out);
        BatchStream stream = BatchStream.open(api)) {
      List<String> rows = rowsLeft(results);
      try (ProgressBar bar = bar(rows.size())) {
        stream.send(
            "/v1/factory/enroll?profile=" + URLEncoder.encode(profile, StandardCharsets.UTF_8),
            rows.stream(),
            line -> take(line, results, bar));
      }
    }
    PrintWriter narration = spec.commandLine().getErr();
    narration.println(
        issued + " certificates written to " + out + ", " + refused + " rows refused");
    return refused == 0 ? 0 : FAILED;
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

  private void take(String line, BatchResults results, @Nullable ProgressBar bar)
      throws IOException {
    results.append(line);
    JsonNode result = Api.JSON.readTree(line);
    if (result.path("certificate").isString()) {
      issued++;
    } else {
      refused++;
      spec.commandLine().getErr().println(complaint(result));
    }
    if (bar != null) {
      bar.step();
    }
  }

  private static String complaint(JsonNode result) {
    return "row "
        + result.path("row").asInt()
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
