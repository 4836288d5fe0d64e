package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code guardbee ca}: the certificate authorities of a home. */
@Command(
    name = "ca",
    mixinStandardHelpOptions = true,
    description = "The certificate authorities.",
    subcommands = CaCommand.Show.class,
    footer = {"", "Example:", "  guardbee ca show"})
public final class CaCommand {

  /** {@code guardbee ca show}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows each authority's certificate: file, subject, serial, end, fingerprint.",
      footer = {"", "Example:", "  guardbee ca show --home /srv/guardbee"})
  public static final class Show implements Callable<Integer> {

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Home here = new Home(home.directory());
      PrintWriter out = spec.commandLine().getOut();
      for (String name : List.of("root", "issuing", "operations")) {
        Path file = here.ca().resolve(name + ".pem");
        X509Certificate certificate = Pem.readCertificates(file).get(0);
        out.println(name);
        out.println("  file         " + file);
        out.println("  subject      " + certificate.getSubjectX500Principal().getName());
        out.println("  serial       " + Serial.of(certificate));
        out.println("  until        " + certificate.getNotAfter().toInstant());
        out.println("  fingerprint  " + Fingerprint.of(certificate));
      }
      return 0;
    }
  }
}
