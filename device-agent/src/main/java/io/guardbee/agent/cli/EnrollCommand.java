package io.guardbee.agent.cli;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.device.EnrolRequest;
import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.launch.Endpoints;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "enroll",
    description = "Makes the device's key and gets its first certificate for a one-time token.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee agent enroll --id d-1 --token-file token",
      "  guardbee agent enroll --id d-1 --token-file - --server https://bee.example:8443 \\",
      "      --broker ssl://bee.example:8883 --ca-fingerprint sha256:4f…",
      "  guardbee agent enroll --id d-1 --token-file token --key file:/etc/device/key.pem",
      "  guardbee agent enroll --id d-1 --token-file token --wait 1h",
      "",
      "The token and a PIN never stand on the command line: every user of a machine can read it.",
      "The server must prove itself by the CA with that fingerprint before the token is sent."
    })
final class EnrollCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(
      names = "--token-file",
      required = true,
      paramLabel = "FILE",
      description = "file that holds the one-time token; - reads stdin")
  private String tokenFile = "";

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "https://host:port (default: the guardbee up of this home)")
  private @Nullable URI server;

  @Option(
      names = "--ca-fingerprint",
      paramLabel = "SHA256",
      description = "fingerprint of the root CA (default: the guardbee up of this home)")
  private @Nullable String fingerprint;

  @Option(
      names = "--broker",
      paramLabel = "URL",
      description = "ssl://host:port (default: the guardbee up of this home)")
  private @Nullable URI broker;

  @Option(
      names = "--key",
      paramLabel = "PLACE",
      description =
          "pkcs11:… (RFC 7512) or file:PATH (default: a SoftHSM token of the agent's own)")
  private @Nullable String key;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "0s",
      converter = DurationConverter.class,
      description = "how long to wait for approval: 90s, 10m, 2h, 1d (default: not at all)")
  private Duration wait = Duration.ZERO;

  @Override
  public Integer call() throws IOException {
    Enrolment enrolment = enrolled();
    PrintWriter out = spec.commandLine().getOut();
    out.println("enrolled    " + enrolment.deviceId());
    out.println("subject     " + enrolment.certificate().getSubjectX500Principal().getName());
    out.println("serial      " + Serial.of(enrolment.certificate()));
    out.println("valid until " + enrolment.certificate().getNotAfter().toInstant());
    out.println("key         " + enrolment.key());
    spec.commandLine().getErr().println("next: guardbee agent run --id " + enrolment.deviceId());
    return 0;
  }

  private Enrolment enrolled() throws IOException {
    EnrolRequest request = new EnrolRequest(device.id(), token(), peers(), this::keyPlace);
    try {
      return DeviceAgent.enroll(device.home(), request.waiting(wait));
    } catch (RefusedException e) {
      if (e.reason() != Reason.APPROVAL_PENDING) {
        throw e;
      }
      throw new RefusedException(
          e.reason(),
          e.detail(),
          "run the same command again once it is approved, or add --wait 1h: the key is kept");
    }
  }

  private EnrolToken token() throws IOException {
    return tokenFile.equals("-") ? EnrolToken.read(System.in) : EnrolToken.read(Path.of(tokenFile));
  }

  private KeyPlace keyPlace() {
    return key == null ? KeyPlace.ownToken(device.home()) : KeyPlace.parse(key);
  }

  private EnrolRequest.Peers peers() {
    Optional<Endpoints> local = Endpoints.read(device.home());
    return new EnrolRequest.Peers(
        given("--server", server, local.map(Endpoints::https)),
        given("--broker", broker, local.map(Endpoints::mqtts)),
        Fingerprint.parse(
            given("--ca-fingerprint", fingerprint, local.map(Endpoints::caFingerprint))));
  }

  private <T> T given(String option, @Nullable T value, Optional<T> fallback) {
    return Optional.ofNullable(value)
        .or(() -> fallback)
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.CONFIGURATION_INVALID,
                    option + " is missing and no guardbee up has run in " + device.home(),
                    "give " + option + ", or --home of the guardbee up on this machine"));
  }
}
