package io.guardbee.broker.run.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.run.Commands;
import io.guardbee.cli.Cli;
import io.guardbee.operator.Api;
import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an operator types, and reads. */
class PolicyCommandTests {

  private final Path folder;

  PolicyCommandTests(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void layFiles() throws IOException {
    String policy = Transcript.resource("policy.yaml");
    Files.writeString(folder.resolve("policy.yaml"), policy);
    Files.writeString(
        folder.resolve("broken.yaml"), policy.replace("retain: only", "retian: only"));
    Files.writeString(
        folder.resolve("failing.yaml"), policy.replace("/commands/#\"]", "/orders/#\"]"));
    TestCa issuing = TestCa.root().authority("issuing");
    Files.writeString(
        folder.resolve("g-1.pem"),
        Pem.certificate(issuing.client("CN=g-1,OU=gateway,O=Acme").certificate()));
  }

  @Test
  void whatIsTriedHere() throws IOException {
    Transcript transcript = new Transcript("here.txt", folder);
    assertThat(transcript.replayed()).isEqualTo(transcript.expected());
  }

  @Test
  void whatTheServiceIsAsked() throws Exception {
    try (StubService service = new StubService(folder)) {
      String text = Api.JSON.writeValueAsString(Transcript.resource("policy.yaml"));
      JsonNode answers = Api.JSON.readTree(Transcript.resource("service.json"));
      for (String request : answers.propertyNames()) {
        service.lay(request, answers.path(request).toString().replace("\"TEXT\"", text));
      }
      Transcript transcript = new Transcript("service.txt", folder);
      assertThat(transcript.replayed()).isEqualTo(transcript.expected());
    }
  }

  @Test
  void orderSaysWhatItShould() throws Exception {
    try (StubService service = new StubService(folder)) {
      service.lay("POST /v1/policy", "{}");
      service.lay("POST /v1/policy/rollback", "{}");
      run("policy", "apply", "policy.yaml", "--observe", "--comment", "for \"meters\"");
      JsonNode body = body(service.asked(), "POST /v1/policy ");
      assertThat(body.path("mode").asString()).isEqualTo("observe");
      assertThat(body.path("comment").asString()).isEqualTo("for \"meters\"");
      assertThat(body.path("text").asString()).isEqualTo(Transcript.resource("policy.yaml"));
      run("policy", "apply", "policy.yaml");
      assertThat(body(service.asked(), "POST /v1/policy ").path("mode").asString())
          .isEqualTo("enforce");
      run("policy", "apply", "policy.yaml", "--dry-run");
      assertThat(body(service.asked(), "POST /v1/policy ").path("mode").asString())
          .isEqualTo("foresee");
      run("policy", "rollback");
      assertThat(body(service.asked(), "POST /v1/policy/rollback ").path("to").isNull()).isTrue();
      run("policy", "rollback", "--to", "7");
      assertThat(body(service.asked(), "POST /v1/policy/rollback ").path("to").asLong())
          .isEqualTo(7);
      run("policy", "apply", "broken.yaml");
      assertThat(Cli.run(new Commands(), "policy", "apply", "x", "--observe", "--dry-run"))
          .isEqualTo(2);
      assertThat(service.asked()).as("a bad one never leaves").isEqualTo("null");
    }
  }

  private static JsonNode body(String asked, String request) {
    assertThat(asked).startsWith(request);
    return Api.JSON.readTree(asked.substring(request.length()));
  }

  private void run(String... words) {
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].endsWith(".yaml") ? folder.resolve(words[i]).toString() : words[i];
    }
    String[] all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = "--home=" + folder;
    assertThat(Cli.run(new Commands(), all)).isLessThan(2);
  }
}
