package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.testing.TestToken;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the service tells of its module, and of its devices' modules. */
class ModuleHealthTest {

  private final Path directory;

  ModuleHealthTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void serviceRidesThroughATokenThatGoesAway() throws Exception {
    try (RunningService service = RunningService.start(directory)) {
      Client operator = Client.operator(service.endpoints());
      assertThat(operator.get("/readyz").status()).isEqualTo(200);
      assertThat(operator.get("/readyz").json().path("module").path("state").asString())
          .isEqualTo("ready");
      assertThat(operator.get("/readyz").json().path("rootCrl").path("state").asString())
          .isEqualTo("good");
      String token = token(operator, "d-1");
      // the HTTPS key is in the same token: only connections that are there go on
      Client device = Client.anonymous(service.endpoints());
      assertThat(device.get("/readyz").status()).isEqualTo(200);
      Path tokens = TestToken.directory().resolve("tokens");
      Path away = Files.move(tokens, TestToken.directory().resolve("away"));
      try {
        Answer refused = enrol(device, "d-1", token);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.reason()).isEqualTo(Reason.MODULE_FAILED);
        Answer unready = operator.get("/readyz");
        assertThat(unready.status()).isEqualTo(503);
        assertThat(unready.json().path("module").path("state").asString()).isEqualTo("unavailable");
        assertThat(unready.json().path("module").path("since").asString()).startsWith("20");
        Answer told = device.get("/readyz");
        assertThat(told.status()).isEqualTo(503);
        assertThat(told.body()).as("strangers learn nothing more").isEqualTo("unavailable\n");
      } finally {
        Files.deleteIfExists(tokens);
        Files.move(away, tokens);
      }
      await().until(() -> operator.get("/readyz").status() == 200);
      assertThat(enrol(device, "d-1", token).status()).isEqualTo(200); // the token was not lost
    }
  }

  @Test
  void whatADeviceSaysOfItsKeyIsShownAsItsOwnWord() throws Exception {
    try (RunningService service = RunningService.start(directory)) {
      Client operator = Client.operator(service.endpoints());
      Client device = Client.anonymous(service.endpoints());
      String csr = Csr.of(Csr.newKey()).subject("CN=d-2").base64();
      String claim = new KeyClaim(true, true, false, "Acme \"HSM\"").toString();

      Answer issued =
          device.enrol("/simpleenroll", "d-2", token(operator, "d-2"), csr, KeyClaim.HEADER, claim);

      assertThat(issued.status()).isEqualTo(200);
      var shown = operator.get("/v1/devices/d-2").json().path("certificates").get(0).path("claim");
      assertThat(shown.path("alwaysSensitive").asBoolean()).isTrue();
      assertThat(shown.path("local").asBoolean()).isFalse();
      assertThat(shown.path("module").asString()).isEqualTo("Acme ?HSM?");
    }
  }

  @Test
  void malformedClaimIsRefusedAndCostsNoToken() throws Exception {
    try (RunningService service = RunningService.start(directory)) {
      String token = token(Client.operator(service.endpoints()), "d-3");
      Client device = Client.anonymous(service.endpoints());
      String csr = Csr.of(Csr.newKey()).subject("CN=d-3").base64();

      Answer refused = device.enrol("/simpleenroll", "d-3", token, csr, KeyClaim.HEADER, "yes");

      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body()).contains(KeyClaim.HEADER);
      assertThat(enrol(device, "d-3", token).status()).isEqualTo(200);
    }
  }

  private static String token(Client operator, String id) {
    return operator.post("/v1/devices/" + id + "/grants", "{}").json().path("token").asString();
  }

  private static Answer enrol(Client device, String id, String token) {
    return device.enrol(
        "/simpleenroll", id, token, Csr.of(Csr.newKey()).subject("CN=" + id).base64());
  }
}
