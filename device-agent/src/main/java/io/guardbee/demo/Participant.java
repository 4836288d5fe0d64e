package io.guardbee.demo;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.key.DeviceKey;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.agent.state.StateStore;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One device of the demo, enrolled by the commands that a person would type. */
final class Participant {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Guardbee guardbee;
  private final DeviceId id;
  private final String profile;
  private String token = "";

  Participant(Guardbee guardbee, DeviceId id, String profile) {
    this.guardbee = guardbee;
    this.id = id;
    this.profile = profile;
  }

  DeviceId id() {
    return id;
  }

  String grant() {
    JsonNode grant = json("device", "grant", id.value(), "--profile", profile, "--json");
    token = grant.path("token").asString();
    return "one-time token until " + grant.path("expires").asString();
  }

  /** The key that enrolment will find and use. */
  String makeKey() {
    try (DeviceKey key = KeyPlace.ownToken(guardbee.home()).findOrMake(id);
        Token module = Token.open(Pkcs11Uri.parse(key.uri()))) {
      TokenKey made = module.find(id.value()).orElseThrow();
      if (!module.isConfined(made) || made.privateKey().getEncoded() != null) {
        throw new IllegalStateException("the module would give the key away");
      }
      return made.publicKey().getAlgorithm()
          + " P-256 in token "
          + module.label()
          + "; the module says: sensitive, not extractable";
    }
  }

  String enroll() {
    Guardbee.Result result =
        guardbee.runWithInput(
            token + "\n", "agent", "enroll", "--id", id.value(), "--token-file", "-");
    require(result);
    return result
        .out()
        .lines()
        .filter(line -> line.startsWith("subject"))
        .findFirst()
        .orElse("enrolled")
        .replaceFirst("subject +", "certificate for ");
  }

  JsonNode revoke() {
    return json("device", "revoke", id.value(), "--reason", "keyCompromise", "--json");
  }

  DeviceAgent open() {
    return DeviceAgent.open(guardbee.home(), id);
  }

  private JsonNode json(String... command) {
    return JSON.readTree(require(guardbee.run(command)).out());
  }

  private static Guardbee.Result require(Guardbee.Result result) {
    if (result.exitCode() != 0) {
      String complaint = result.complaint().replaceFirst("^error: ", "");
      throw RefusedException.parse(complaint)
          .orElseGet(() -> new RefusedException(Reason.INTERNAL, complaint, "run it by hand"));
    }
    return result;
  }

  /** Removes what the device held: the demo may run again and again in one home. */
  void vanish() throws IOException {
    try (DeviceKey key = KeyPlace.ownToken(guardbee.home()).findOrMake(id);
        Token module = Token.open(Pkcs11Uri.parse(key.uri()))) {
      module.find(id.value()).ifPresent(module::destroy);
    }
    Path directory = new StateStore(guardbee.home(), id).directory();
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
