package io.guardbee.hsm.cli;

import io.guardbee.hsm.Token;
import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code guardbee hsm keys show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows one key: fingerprint, the module's own claims, what depends on it.",
    footer = {"", "Example:", "  guardbee hsm keys show https"})
final class KeysShowCommand implements Callable<Integer> {

  @ParentCommand private KeysCommand keys;
  @Mixin private TokenOption option;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "LABEL", description = "the key's label")
  private String label;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Dependents dependents = option.dependents(keys.installation());
    try (Token token = Token.open(option.uri(keys.installation()))) {
      KeyView key = KeyView.of(token, KeyView.require(token, label), dependents);
      print(key, spec.commandLine().getOut());
    }
    return 0;
  }

  private void print(KeyView key, PrintWriter out) {
    if (json) {
      out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(key));
      return;
    }
    row(out, "label", key.label());
    row(out, "id", key.id());
    row(out, "type", key.type());
    row(out, "fingerprint", key.fingerprint());
    row(out, "confined", key.confined() ? "yes: sensitive and not extractable" : "NO");
    row(
        out,
        "module says",
        "always sensitive: "
            + yesOrNo(key.evidence().alwaysSensitive())
            + ", never extractable: "
            + yesOrNo(key.evidence().neverExtractable())
            + ", made here: "
            + yesOrNo(key.evidence().local()));
    key.dependents()
        .forEach(
            use -> row(out, "dependent", use.role() + " " + use.subject() + " in " + use.file()));
    if (key.dependents().isEmpty()) {
      row(out, "dependent", "none known in " + option.directory());
    }
    key.certificates()
        .forEach(
            one ->
                row(
                    out,
                    "certificate",
                    one.subject() + " until " + one.until() + ", " + one.fingerprint()));
  }

  private static String yesOrNo(boolean said) {
    return said ? "yes" : "not said";
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf("%-12s %s%n", name, Quoted.line(value));
  }
}
