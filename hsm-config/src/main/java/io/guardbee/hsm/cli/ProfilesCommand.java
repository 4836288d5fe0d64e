package io.guardbee.hsm.cli;

import io.guardbee.hsm.profile.ProfilePages;
import io.guardbee.hsm.profile.VendorProfiles;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee hsm profiles}. */
@Command(
    name = "profiles",
    mixinStandardHelpOptions = true,
    description = {
      "The modules that Guardbee knows: all of them, or one with every fact and its source.",
      "Files of your own stand in the directory that $" + VendorProfiles.VARIABLE + " names."
    },
    footer = {"", "Examples:", "  guardbee hsm profiles", "  guardbee hsm profiles softhsm2"})
final class ProfilesCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "the one to explain")
  private @Nullable String name;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (name != null) {
      out.print(ProfilePages.explain(VendorProfiles.named(name)));
      out.flush();
      return;
    }
    out.print(ProfilePages.list(VendorProfiles.all()));
    out.flush();
  }
}
