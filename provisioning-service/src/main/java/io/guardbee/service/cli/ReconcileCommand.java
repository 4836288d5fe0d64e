package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee restore reconcile}. */
@Command(
    name = "reconcile",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the certificates that brokers refuse because they were issued after the backup that",
      "was put back, and decides on them. An adopted one is on record as if it had been issued",
      "here, and its device comes in again; a revoked one never does."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee restore reconcile",
      "  guardbee restore reconcile --adopt 4FA2109B5C",
      "  guardbee restore reconcile --adopt --cert d-2.pem",
      "  guardbee restore reconcile --adopt --all",
      "  guardbee restore reconcile --revoke 4FA2109B5C",
      "",
      ReceiptPage.EXIT_CODES
    })
public final class ReconcileCommand implements Callable<Integer> {

  private static final String PATH = "/v1/restore/certificates";
  private static final int PAGE = 500;
  private static final String ROW = "%-40s  %-24s  %-20s  %-20s  %s";

  @ArgGroup private @Nullable Decision decision;

  /** What is to become of them. */
  static final class Decision {
    @Option(names = "--adopt", description = "put them on record")
    private boolean adopt;

    @Option(names = "--revoke", description = "revoke them")
    private boolean revoke;

    /** The two exclude each other. */
    boolean isAdoption() {
      return adopt && !revoke;
    }
  }

  @Parameters(paramLabel = "SERIAL", arity = "0..*", description = "which, as the list shows them")
  private List<String> serials = new ArrayList<>();

  @Option(names = "--cert", paramLabel = "FILE", description = "the certificate in this file (PEM)")
  private @Nullable Path certificate;

  @Option(names = "--all", description = "all that are listed")
  private boolean all;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "unspecified",
      description = "for --revoke, as guardbee revoke has it")
  private String reason;

  @Option(names = "--json", description = "print one JSON object a line")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    int named = (serials.isEmpty() ? 0 : 1) + (certificate == null ? 0 : 1) + (all ? 1 : 0);
    if (named != (decision == null ? 0 : 1)) {
      throw new ParameterException(
          spec.commandLine(),
          decision == null
              ? "say what is to become of them: --adopt or --revoke"
              : "give serials, or --cert FILE, or --all");
    }
    Api api = Api.of(home.directory());
    return decision == null ? list(api) : decide(api);
  }

  private int list(Api api) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      out.println(String.format(ROW, "SERIAL", "DEVICE", "ISSUED", "LAST SEEN", "BROKER"));
    }
    String after = "";
    JsonNode page;
    do {
      page = page(api, after);
      for (JsonNode one : page.path("certificates")) {
        out.println(json ? one.toString() : row(one));
        after = one.path("serial").asString();
      }
    } while (page.path("certificates").size() == PAGE);
    page.path("windows").forEach(this::tellWindow);
    return 0;
  }

  private static String row(JsonNode one) {
    return String.format(
        ROW,
        one.path("serial").asString(),
        one.path("deviceId").asString("-"),
        seconds(one.path("notBefore").asString()),
        seconds(one.path("lastSeen").asString()),
        one.path("node").asString());
  }

  private static String seconds(String time) {
    return time.replaceAll("\\.[0-9]+Z$", "Z");
  }

  private void tellWindow(JsonNode window) {
    spec.commandLine()
        .getErr()
        .println(
            "refused unless on record: certificates that begin from "
                + window.path("from").asString()
                + " until "
                + window.path("until").asString());
  }

  private static JsonNode page(Api api, String after) throws InterruptedException {
    return api.get(PATH + "?limit=" + PAGE + "&after=" + after);
  }

  private int decide(Api api) throws IOException, InterruptedException {
    if (certificate != null) {
      String pem = Pem.certificate(Pem.readCertificates(certificate).get(0));
      return tell(api.post(PATH, request().put("certificate", pem)));
    }
    if (!all) {
      return tell(api.post(PATH, named(serials)));
    }
    int code = 0;
    String after = "";
    List<String> found = serials(page(api, after));
    while (!found.isEmpty()) {
      code = Math.max(code, tell(api.post(PATH, named(found))));
      after = found.get(found.size() - 1);
      found = serials(page(api, after));
    }
    return code;
  }

  private static List<String> serials(JsonNode page) {
    List<String> found = new ArrayList<>();
    page.path("certificates").forEach(one -> found.add(one.path("serial").asString()));
    return found;
  }

  private ObjectNode request() {
    boolean adopt = decision != null && decision.isAdoption();
    ObjectNode request = Api.JSON.createObjectNode().put("decision", adopt ? "adopt" : "revoke");
    return adopt ? request : request.put("reason", reason);
  }

  private ObjectNode named(List<String> which) {
    ObjectNode request = request();
    ArrayNode array = request.putArray("serials");
    which.forEach(array::add);
    return request;
  }

  private int tell(JsonNode decided) {
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode serial : decided.path("adopted")) {
      out.println(
          json
              ? Api.JSON.createObjectNode().put("adopted", serial.asString()).toString()
              : "adopted   " + serial.asString());
    }
    int code = 0;
    for (JsonNode receipt : decided.path("receipts")) {
      ReceiptPage page = new ReceiptPage("revoked", "refuses the certificate", receipt);
      code = Math.max(code, page.show(spec, json));
    }
    return code;
  }
}
