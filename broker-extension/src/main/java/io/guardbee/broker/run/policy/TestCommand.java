package io.guardbee.broker.run.policy;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.policy.Explanation;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Request;
import io.guardbee.broker.policy.Rights;
import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Explains what a policy says to somebody's requests. */
@Command(
    name = "test",
    description = {
      "Tells which rule decides for somebody, which entry decides on each request,",
      "and why. Without FILE it asks the policy in force at the service."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy test policy.yaml --as CN=d-1,OU=sensor,O=Acme",
      "  guardbee policy test --cert d-1.pem \"publish devices/d-1/telemetry/temp\"",
      "  guardbee policy test --cert d-1.pem \"connect d-1\" \"publish a/b qos 2 retain\""
          + " \"subscribe a/# shared\"",
      "",
      "What a request leaves open (qos, retain) may be anything: it is allowed when",
      "it is in some way.",
      "Exit codes: 0 allowed, 1 refused, 2 misuse."
    })
final class TestCommand implements Callable<Integer> {

  private static final int REFUSED = 1;

  @ArgGroup(multiplicity = "1")
  private Who who = new Who();

  @Parameters(
      arity = "0..*",
      paramLabel = "[FILE] REQUEST",
      description = {
        "The policy, then any number of requests:",
        "\"publish TOPIC [qos N] [retain]\",",
        "\"subscribe FILTER [qos N] [shared]\", \"connect CLIENTID\"."
      })
  private @Nullable List<String> given;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> words = given == null ? List.of() : given;
    boolean hasFile = !words.isEmpty() && !Request.isLike(words.get(0));
    List<Request> requests =
        words.subList(hasFile ? 1 : 0, words.size()).stream().map(Request::parse).toList();
    Attributes attributes = who.attributes();
    Policy policy = hasFile ? read(words.get(0)) : inForce();
    Explanation explanation = policy.explain(attributes);
    Verdict verdict = Verdict.of(explanation, () -> policy.rightsOf(attributes), requests);
    spec.commandLine()
        .getOut()
        .println(json ? Api.JSON.writeValueAsString(verdict.json()) : verdict.page());
    return verdict.isAllowed() ? 0 : REFUSED;
  }

  private static Policy read(String word) {
    if (!Files.exists(Path.of(word))) {
      throw new RefusedException(
          Reason.POLICY_INVALID,
          Quoted.of(word) + " is neither a file nor a request",
          "a request begins with publish, subscribe or connect");
    }
    return Policy.read(Path.of(word));
  }

  private Policy inForce() throws IOException, InterruptedException {
    JsonNode state = Api.of(home.directory()).get(Paths.POLICY);
    if (!state.path("text").isString()) {
      throw new RefusedException(
          Reason.POLICY_UNKNOWN,
          "the service has no policy: each broker follows its own file",
          "name the file: guardbee policy test FILE …, or hand one in with guardbee policy apply");
    }
    return Policy.parse(
        state.path("text").asString(), "policy version " + state.path("version").asLong());
  }

  /** Asks for rights, which may be refused. */
  interface Asked {
    Rights rights();
  }
}
