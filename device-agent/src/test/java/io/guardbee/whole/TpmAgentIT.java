package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.DeviceId;
import io.guardbee.testing.SoftTpm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A device whose key lives in a TPM: the road of every other device. */
class TpmAgentIT {

  @Test
  void deviceWithItsKeyInATpmEnrolsPublishesAndRenews(@TempDir Path folder) throws Exception {
    DeviceId id = Whole.device("tpm");
    Path token = Files.writeString(folder.resolve("token"), Whole.grant(id, "sensor"));
    String key = SoftTpm.shared().uri().withObject(id.value()).toString();

    Whole.done(
        Whole.here()
            .run(
                "agent",
                "enroll",
                "--id",
                id.value(),
                "--token-file",
                token.toString(),
                "--key",
                key));
    Whole.done(Whole.here().run("agent", "publish", "--id", id.value(), "hello"));
    Whole.done(Whole.here().run("agent", "renew", "--id", id.value()));
    Whole.done(Whole.here().run("agent", "publish", "--id", id.value(), "hello again"));

    JsonNode certificates = Whole.show(Whole.here(), id).path("certificates");
    assertThat(certificates.size()).isEqualTo(2);
    for (JsonNode certificate : certificates) {
      JsonNode claim = certificate.path("claim");
      assertThat(claim.path("local").asBoolean()).isTrue();
      assertThat(claim.path("neverExtractable").asBoolean()).isTrue();
      assertThat(claim.path("module").asString()).startsWith("IBM");
    }
    assertThat(Whole.done(Whole.here().run("device", "show", id.value())).out())
        .contains("the device's own word, proven by nobody");
  }
}
