package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker whose key towards the service is in a PKCS#11 token, and so is that of its listeners.
 */
class IdentityInModuleIT {

  @TempDir private Path home;

  private final Pki pki = Pki.make();
  private final String identity = TestToken.label("identity");
  private final String listener = TestToken.label("listener");

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
  }

  @AfterEach
  void destroyKeys() {
    try (Token token = TestToken.open()) {
      token.find(identity).ifPresent(token::destroy);
      token.find(listener).ifPresent(token::destroy);
    }
  }

  private Path extension() {
    return home.resolve("broker/extensions/guardbee");
  }

  private void configureListener() throws IOException {
    Path settings = extension().resolve("conf/guardbee.yaml");
    String uri = TestToken.uri().withObject(listener).toString();
    Files.writeString(
        settings, Files.readString(settings).replace("  key: \"\"", "  key: \"" + uri + "\""));
  }

  private record Result(int exitCode, String said) {}

  private Result renew(FeedServer service, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("broker", "renew"));
    arguments.addAll(List.of("--extension", extension().toString(), "--service", service.url()));
    arguments.addAll(List.of(options));
    Process process =
        new ProcessBuilder(BrokerProcess.command(arguments.toArray(String[]::new)))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), said);
  }

  private X509Certificate certificate() throws IOException {
    return Pem.readCertificates(home.resolve("broker/conf/broker.pem")).get(0);
  }

  private String serial() throws IOException {
    return Serial.of(certificate()).toString();
  }

  private PublicKey keyInToken() {
    try (Token token = TestToken.open()) {
      return token.find(identity).orElseThrow().publicKey();
    }
  }

  @Test
  void keyMovesIntoATokenAndStaysThereWhenItsCertificateIsRenewed() throws Exception {
    String uri = TestToken.uri().withObject(identity).toString();
    try (FeedServer service = new FeedServer(pki)) {
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, service.url())) {
        assertThat(renew(service, "--key", "/etc/broker.key"))
            .as("of no use")
            .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(1))
            .satisfies(refused -> assertThat(refused.said()).contains("configuration-invalid"));
        Result moved = renew(service, "--key", uri);
        assertThat(moved.exitCode()).as(moved.said()).isZero();
        assertThat(home.resolve("broker/conf/broker.key")).doesNotExist();
        assertThat(certificate().getPublicKey()).isEqualTo(keyInToken());
        broker.awaitLine("towards the service this node is certificate", serial());
      }
      configureListener();

      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, service.url())) {
        broker.awaitLine("MQTT listeners present", "the key in its module");
        X509Certificate first = certificate();
        assertThat(service.callers()).contains(first);
        Result renewed = renew(service);
        assertThat(renewed.exitCode()).as(renewed.said()).isZero();
        assertThat(certificate()).isNotEqualTo(first);
        assertThat(certificate().getPublicKey()).isEqualTo(first.getPublicKey());
        broker.awaitLine("towards the service this node is certificate", serial());
      }
    }
  }
}
