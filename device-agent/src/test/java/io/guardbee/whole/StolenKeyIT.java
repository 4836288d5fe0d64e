package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.enrol.EstClient;
import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.security.auth.x500.X500Principal;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A copy of the key that a device had before its renewal. */
class StolenKeyIT {

  private final DeviceId id = Whole.device("stolen");
  private final ServerTrust trust;

  StolenKeyIT() throws IOException {
    trust = new ServerTrust(Pem.readCertificates(Whole.endpoints().trust()).get(0));
  }

  private static KeyPair key() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private SigningRequest request(KeyPair key) {
    X500Principal subject = new X500Principal("CN=" + id);
    return SigningRequest.sign(subject, key.getPublic(), key.getPrivate());
  }

  private EstClient anonymous() {
    return new EstClient(Whole.endpoints().https(), trust.service());
  }

  private EstClient as(ClientIdentity identity) {
    return new EstClient(Whole.endpoints().https(), trust.service(identity));
  }

  private ClientIdentity identity(KeyPair key, X509Certificate certificate) {
    return new ClientIdentity(
        key.getPrivate(), trust.chain(certificate, anonymous().authorities(), Instant.now()));
  }

  private String explained() {
    return Whole.here().run("device", "explain", id.value(), "--json").out();
  }

  @Test
  void thiefOfTheOldKeyIsRefusedAndTheDeviceGoesOnPublishing() throws Exception {
    KeyPair old = key();
    EnrolToken token = new EnrolToken(Whole.grant(id, "sensor"));
    ClientIdentity before = identity(old, anonymous().enroll(id, token, request(old)));
    KeyPair next = key();
    X509Certificate renewed = as(before).reenroll(request(next));
    ClientIdentity after = identity(next, renewed);
    assertThat(as(after).authorities()).isNotEmpty(); // as the agent does after a renewal
    try (MqttConnection device =
        MqttConnection.open(
            new MqttConnection.Settings(
                Whole.endpoints().mqtts(), id.value(), trust.broker(after), true),
            new Heard())) {
      SigningRequest third = request(key());
      assertThatThrownBy(() -> as(before).reenroll(third))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_SUPERSEDED);
                assertThat(e.line()).contains(Serial.of(renewed).toString());
              });
      Awaitility.await().untilAsserted(() -> assertThat(explained()).contains("clone-suspected"));
      device.publish(new Message("devices/" + id + "/telemetry/t", new byte[1], 1));
    }
    assertThat(Whole.show(Whole.here(), id).path("certificates")).hasSize(2);
  }
}
