package io.guardbee.broker.run;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Request;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Subject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries a policy file without a broker. */
@Command(
    name = "policy",
    description = "Who may use which client ids and topics.",
    mixinStandardHelpOptions = true)
final class PolicyCommand {

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For whom a request is tried: exactly one of these. */
  static final class Who {
    @Option(
        names = "--as",
        paramLabel = "SUBJECT",
        description = "A subject as RFC 4514 writes it: CN=d-1,OU=sensor,O=Acme.")
    private @Nullable String subject;

    @Option(
        names = "--cert",
        paramLabel = "FILE",
        description = "A certificate of the issuing authority (PEM).")
    private @Nullable Path certificate;

    Attributes attributes() throws IOException {
      if (certificate == null) {
        return Attributes.of(Subject.parse(String.valueOf(subject)));
      }
      X509Certificate leaf = Pem.readCertificates(certificate).get(0);
      return Attributes.of(
          leaf, new Identity(Identity.ISSUING, Subject.of(leaf.getSubjectX500Principal())));
    }
  }

  @Command(
      name = "check",
      description = "Parses a policy and runs its own tests.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example:", "  guardbee policy check policy.yaml"})
  int check(@Parameters(paramLabel = "FILE", description = "The policy.") Path file) {
    Policy policy = Policy.read(file);
    out()
        .println(
            file
                + " is good: "
                + policy.ruleNames().size()
                + " rules, "
                + policy.statements()
                + " statements tested");
    return 0;
  }

  @Command(
      name = "test",
      description = "Tells which rule decides for a subject, and what it allows.",
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Examples:",
        "  guardbee policy test policy.yaml --as CN=d-1,OU=sensor,O=Acme",
        "  guardbee policy test policy.yaml --cert d-1.pem \"publish devices/d-1/telemetry/temp\"",
        "",
        "Exit codes: 0 allowed, 1 refused, 2 misuse."
      })
  int test(
      @Parameters(index = "0", paramLabel = "FILE", description = "The policy.") Path file,
      @ArgGroup(multiplicity = "1") Who who,
      @Parameters(
              index = "1..*",
              arity = "0..*",
              paramLabel = "REQUEST",
              description = "\"publish TOPIC\" or \"subscribe FILTER\".")
          @Nullable List<String> requests)
      throws IOException {
    Rights rights = Policy.read(file).rightsOf(who.attributes());
    out().println("rule " + rights.rule() + ", client id " + rights.clientIds());
    if (requests == null || requests.isEmpty()) {
      show(rights);
      return 0;
    }
    int refused = 0;
    for (String text : requests) {
      Request request = Request.parse(text);
      boolean allowed = request.decide(rights).allowed();
      refused += allowed ? 0 : 1;
      out().println((allowed ? "allowed  " : "denied   ") + request + why(rights, request));
    }
    return refused == 0 ? 0 : 1;
  }

  private static String why(Rights rights, Request request) {
    return request.decide(rights).words();
  }

  private void show(Rights rights) {
    rights
        .permissions()
        .forEach(
            p ->
                out()
                    .println(
                        "  "
                            + p.activity().name().toLowerCase(Locale.ROOT)
                            + " "
                            + p.filter()
                            + " qos "
                            + p.qos().stream().sorted().toList()));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
