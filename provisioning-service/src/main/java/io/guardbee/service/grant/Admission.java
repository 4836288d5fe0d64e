package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import java.util.List;

/**
 * Who is let in: under which name, to which profile, by what right.
 *
 * @param deviceId whom the grant names; the request has only been asked where the grant leaves the
 *     choice
 * @param names that the certificate gets beside those of the profile
 */
public record Admission(
    DeviceId deviceId, Profile profile, Entitlement entitlement, List<Name> names) {
  public Admission {
    names = List.copyOf(names);
  }

  /** Without names beside those of the profile. */
  public Admission(DeviceId deviceId, Profile profile, Entitlement entitlement) {
    this(deviceId, profile, entitlement, List.of());
  }
}
