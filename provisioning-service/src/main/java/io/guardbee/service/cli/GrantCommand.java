package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code guardbee grant}: standing grants, which let in many. */
@Command(
    name = "grant",
    mixinStandardHelpOptions = true,
    description = {
      "Standing grants: let in many devices, by certificates that they already have.",
      "A one-time token for one device: guardbee device grant."
    },
    subcommands = {
      GrantManufacturerCommand.class,
      GrantClaimCommand.class,
      GrantStationCommand.class,
      GrantCommand.ListAll.class,
      GrantCommand.Show.class,
      GrantCommand.Allow.class,
      GrantCommand.Withdraw.class
    },
    footer = {
      "",
      "Examples:",
      "  guardbee grant manufacturer acme-ca.pem --name acme --allow-all",
      "  guardbee grant claim line-7.pem --name line-7 --allow-list names.txt \\",
      "    --budget 500 --until P7D",
      "  guardbee grant station line-1 --budget 5000 --until P1D > line-1.token",
      "  guardbee grant list",
      "  guardbee grant withdraw line-7"
    })
public final class GrantCommand {

  static final String PATH = "/v1/grants";

  static String path(String name) {
    return PATH + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  /** {@code guardbee grant list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every standing grant, those that have ended too.",
      footer = {"", "Examples:", "  guardbee grant list", "  guardbee grant list --json"})
  static final class ListAll implements Callable<Integer> {

    @Option(names = "--json", description = "print one JSON object a line")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      if (!json) {
        out.println(GrantTable.HEADER);
      }
      for (JsonNode grant : Api.of(home.directory()).get(PATH).path("grants")) {
        out.println(json ? grant.toString() : GrantTable.row(grant));
      }
      return 0;
    }
  }

  /** {@code guardbee grant show}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows one standing grant.",
      footer = {"", "Examples:", "  guardbee grant show acme", "  guardbee grant show acme --json"})
  static final class Show implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "the grant")
    private String name;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonNode grant = Api.of(home.directory()).get(path(name));
      spec.commandLine().getOut().println(json ? grant.toString() : GrantTable.page(grant));
      return 0;
    }
  }

  /** {@code guardbee grant allow}. */
  @Command(
      name = "allow",
      mixinStandardHelpOptions = true,
      description = "Puts further device ids on a grant's list.",
      footer = {"", "Example:", "  guardbee grant allow acme delivery-12.txt"})
  static final class Allow implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "the grant")
    private String name;

    @Parameters(index = "1", paramLabel = "FILE", description = "one device id a line")
    private Path file;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      List<DeviceId> names = AllowList.read(file);
      int added = AllowList.send(Api.of(home.directory()), name, names);
      spec.commandLine()
          .getErr()
          .println("grant " + name + " has " + added + " more names; the rest it had");
      return 0;
    }
  }

  /** {@code guardbee grant withdraw}. */
  @Command(
      name = "withdraw",
      mixinStandardHelpOptions = true,
      description = "Ends a grant at once. Devices that it has let in stay in.",
      footer = {"", "Example:", "  guardbee grant withdraw line-7"})
  static final class Withdraw implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "the grant")
    private String name;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonNode grant =
          Api.of(home.directory()).post(path(name) + "/withdrawal", Api.JSON.createObjectNode());
      spec.commandLine().getOut().println(json ? grant.toString() : GrantTable.page(grant));
      return 0;
    }
  }
}
