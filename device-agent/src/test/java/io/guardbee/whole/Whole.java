package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.device.EnrolRequest;
import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole of Guardbee as a user has it: the launcher of this checkout, and one {@code guardbee
 * up} in a temporary home that all tests share. Devices have names of their own in each test.
 */
final class Whole {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final RunningUp UP = guardbee().inTemporaryHome().up();

  private Whole() {}

  /** The checkout. */
  static Path root() {
    return Path.of(System.getProperty("guardbee.root"));
  }

  /** The launcher, without a home of its own yet. */
  static Guardbee guardbee() {
    return new Guardbee(root().resolve("guardbee"), root());
  }

  static RunningUp up() {
    return UP;
  }

  static Guardbee here() {
    return UP.guardbee();
  }

  static Endpoints endpoints() {
    return UP.endpoints();
  }

  /** An id that no other test has. */
  static DeviceId device(String prefix) {
    return new DeviceId(prefix + "-" + UUID.randomUUID().toString().substring(0, 8));
  }

  static String grant(DeviceId id, String profile) {
    return grant(here(), id, profile);
  }

  static String grant(Guardbee guardbee, DeviceId id, String profile) {
    Guardbee.Result result =
        guardbee.run("device", "grant", id.value(), "--profile", profile, "--json");
    return JSON.readTree(done(result).out()).path("token").asString();
  }

  static JsonNode show(Guardbee guardbee, DeviceId id) {
    return JSON.readTree(done(guardbee.run("device", "show", id.value(), "--json")).out());
  }

  static JsonNode revoke(Guardbee guardbee, DeviceId id) {
    return JSON.readTree(
        done(guardbee.run("device", "revoke", id.value(), "--reason", "keyCompromise", "--json"))
            .out());
  }

  static Guardbee.Result done(Guardbee.Result result) {
    assertThat(result.exitCode()).as(result.err()).isZero();
    return result;
  }

  /** Enrols a device of this process, its key in a file. */
  static DeviceAgent enrolled(Endpoints endpoints, Path home, DeviceId id, String token)
      throws IOException {
    DeviceAgent.enroll(home, request(endpoints, home, id, token));
    return DeviceAgent.open(home, id);
  }

  static EnrolRequest request(Endpoints endpoints, Path home, DeviceId id, String token) {
    EnrolRequest.Peers peers =
        new EnrolRequest.Peers(
            endpoints.https(), endpoints.mqtts(), Fingerprint.parse(endpoints.caFingerprint()));
    return new EnrolRequest(
        id,
        new EnrolToken(token),
        peers,
        () -> KeyPlace.parse("file:" + home.resolve(id + ".key")));
  }
}
