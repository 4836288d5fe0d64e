package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Prints every setting with its value, its default and what it means. Reads config.yaml and",
      "changes nothing; a key that the file leaves out has its default. Options such as"
          + " --https-port",
      "are not part of it. Passwords in addresses print as ***."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee config show",
      "  guardbee config show --json",
      "  guardbee config show --defaults > config.yaml   # the file that a new home gets"
    })
final class ConfigShowCommand implements Callable<Integer> {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--defaults", description = "the defaults, whatever the home says")
  private boolean defaults;

  @Option(names = "--json", description = "one JSON object instead of YAML")
  private boolean json;

  private record Page(List<Settings.Setting> settings) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (defaults && !json) {
      out.print(ConfigFile.shippedText());
    } else {
      Settings settings = defaults ? Settings.shipped() : Settings.of(new Home(home.directory()));
      out.print(json ? JSON.writeValueAsString(new Page(settings.all())) + "\n" : settings.yaml());
    }
    out.flush();
    return 0;
  }
}
