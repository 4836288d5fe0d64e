package io.guardbee.hsm.cli;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code guardbee hsm keys list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the key pairs that Guardbee can use.",
    footer = {
      "",
      "Examples:",
      "  guardbee hsm keys list",
      "  guardbee hsm keys list --agent --json"
    })
final class KeysListCommand implements Callable<Integer> {

  /** What JSON shows. */
  record Listing(String token, String serial, List<KeyView> keys) {}

  @ParentCommand private KeysCommand keys;
  @Mixin private TokenOption option;
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Dependents dependents = option.dependents(keys.installation());
    try (Token token = Token.open(option.uri(keys.installation()))) {
      Listing listing =
          new Listing(
              token.label(),
              token.serial(),
              token.list().stream()
                  .sorted(Comparator.comparing(TokenKey::label).thenComparing(TokenKey::id))
                  .map(key -> KeyView.of(token, key, dependents))
                  .toList());
      print(listing, spec.commandLine().getOut());
    }
    return 0;
  }

  private void print(Listing listing, PrintWriter out) {
    if (json) {
      out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(listing));
      return;
    }
    int width = listing.keys().stream().mapToInt(key -> key.label().length()).max().orElse(0);
    String row = "%-" + Math.max(width, 5) + "s  %-32s  %-8s  %-8s  %s%n";
    out.printf(row, "LABEL", "ID", "TYPE", "CONFINED", "DEPENDENTS");
    for (KeyView key : listing.keys()) {
      String uses =
          key.dependents().stream()
              .map(use -> use.role() + " " + use.subject())
              .distinct()
              .collect(Collectors.joining("; "));
      out.printf(
          row,
          Quoted.line(key.label()),
          key.id(),
          key.type(),
          key.confined() ? "yes" : "NO",
          uses.isEmpty() ? "none known" : Quoted.line(uses));
    }
  }
}
