package io.guardbee.agent.device;

import io.guardbee.agent.state.Contact;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.agent.state.StateStore;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** What a device knows of itself; read from its files alone, without its key. */
public record DeviceStatus(
    DeviceId deviceId,
    String key,
    Serial serial,
    Instant notBefore,
    Instant notAfter,
    Instant renewAt,
    URI server,
    URI broker,
    Optional<Contact> lastContact) {

  public static DeviceStatus read(Path home, DeviceId id) {
    StateStore store = new StateStore(home, id);
    Enrolment enrolment = DeviceAgent.enrolled(store, id);
    var certificate = enrolment.certificate();
    return new DeviceStatus(
        id,
        enrolment.key(),
        Serial.of(certificate),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant(),
        RenewalWindow.of(certificate).at(),
        enrolment.server(),
        enrolment.broker(),
        store.lastContact());
  }
}
