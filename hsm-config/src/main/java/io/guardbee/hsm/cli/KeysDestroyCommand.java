package io.guardbee.hsm.cli;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code guardbee hsm keys destroy}. */
@Command(
    name = "destroy",
    mixinStandardHelpOptions = true,
    description = {
      "Destroys a key and the certificates stored beside it, for ever; asks for its label first.",
      "A key of a CA or of the HTTPS server that is in use is never destroyed."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee hsm keys destroy old-key",
      "  guardbee hsm keys destroy old-key --confirm old-key"
    })
final class KeysDestroyCommand implements Callable<Integer> {

  @ParentCommand private KeysCommand keys;
  @Mixin private TokenOption option;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "LABEL", description = "the key's label")
  private String label;

  @Option(
      names = "--confirm",
      paramLabel = "LABEL",
      description = "the label once more, for scripts; else it is asked for on stdin")
  private @Nullable String confirmation;

  @Override
  public Integer call() throws IOException {
    Dependents dependents = option.dependents(keys.installation());
    try (Token token = Token.open(option.uri(keys.installation()))) {
      TokenKey key = KeyView.require(token, label);
      List<Dependent> uses = dependents.of(key);
      requireFree(uses);
      requireConfirmed(token, uses);
      List<X509Certificate> stored = token.certificates().find(label);
      token.destroy(key);
      token.certificates().destroy(label);
      tell(token, key, uses, stored);
    }
    return 0;
  }

  private void requireFree(List<Dependent> uses) {
    List<Dependent> vital = uses.stream().filter(Dependent::isVital).toList();
    if (!vital.isEmpty()) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "key " + Quoted.of(label) + " is in use: " + lines(vital),
          "put another key in its place first; what no certificate depends on can be destroyed");
    }
  }

  private static String lines(List<Dependent> uses) {
    return uses.stream().map(Dependent::line).collect(Collectors.joining("; "));
  }

  private void requireConfirmed(Token token, List<Dependent> uses) throws IOException {
    String typed = confirmation == null ? ask(token, uses) : confirmation;
    if (!label.equals(typed)) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          (typed == null ? "no label was typed back" : Quoted.of(typed) + " was typed back")
              + ", not "
              + Quoted.of(label)
              + ": nothing was destroyed",
          "type the key's label exactly, or give it with --confirm");
    }
  }

  private @Nullable String ask(Token token, List<Dependent> uses) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    uses.forEach(use -> err.println("depends on it: " + Quoted.line(use.line())));
    err.print(
        "type the label to destroy key "
            + Quoted.of(label)
            + " in token "
            + Quoted.of(token.label())
            + " for ever: ");
    err.flush();
    // not closed: stdin is not ours
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
  }

  private void tell(Token token, TokenKey key, List<Dependent> uses, List<X509Certificate> stored) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "destroyed    "
            + key.type()
            + " key "
            + Quoted.of(label)
            + ", id "
            + key.id()
            + ", in token "
            + Quoted.of(token.label()));
    stored.forEach(
        one -> out.println("destroyed    certificate " + one.getSubjectX500Principal().getName()));
    uses.forEach(use -> out.println("depended     " + Quoted.line(use.line())));
    if (uses.isEmpty()) {
      out.println("depended     nothing known in " + option.directory());
    }
  }
}
