package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.approval.Entry;
import io.guardbee.service.attempt.Past;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is on record of one device, read at one moment.
 *
 * @param tokens newest first
 * @param certificates newest first
 * @param grants standing grants that name it or have let it in
 * @param approvals asked for and not used yet
 * @param refusals newest first
 */
record Dossier(
    DeviceId id,
    Instant now,
    Optional<Records.Device> device,
    List<Records.Token> tokens,
    List<Records.Certificate> certificates,
    List<Records.Grant> grants,
    List<Entry> approvals,
    List<Past> refusals,
    Profiles profiles) {

  boolean isRevoked() {
    return device.isPresent() && device.get().status().equals("revoked");
  }

  /** Why it is held back, if it is. */
  Optional<Records.Suspension> suspension() {
    return device.map(Records.Device::suspension);
  }

  Optional<Records.Token> openToken() {
    return tokens.stream().filter(token -> token.state(now).equals("open")).findFirst();
  }

  /** The newest that is good now. */
  Optional<Records.Certificate> good() {
    return certificates.stream().filter(certificate -> certificate.isGood(now)).findFirst();
  }

  /** The newest that was issued and has ended, and was never revoked. */
  Optional<Records.Certificate> ended() {
    return certificates.stream()
        .filter(certificate -> certificate.state().equals("issued"))
        .filter(certificate -> !certificate.isGood(now))
        .findFirst();
  }

  /** The rules for this device; empty when it is not known, or its profile is gone. */
  Optional<Profile> profile() {
    return device.flatMap(known -> profile(known.profile()));
  }

  Optional<Profile> profile(String name) {
    try {
      return Optional.of(profiles.device(name));
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }
}
