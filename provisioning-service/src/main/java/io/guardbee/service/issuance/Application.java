package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.util.List;

/**
 * Who asks for a certificate, and by what right.
 *
 * @param deviceId whom the right names; never taken from the request alone
 * @param granted names that the right gives, beside those of the profile
 */
public record Application(
    CertificateRequest request,
    DeviceId deviceId,
    Profile profile,
    Entitlement entitlement,
    List<Name> granted) {
  public Application {
    granted = List.copyOf(granted);
  }

  /** By a right that gives no names. */
  public Application(
      CertificateRequest request, DeviceId deviceId, Profile profile, Entitlement entitlement) {
    this(request, deviceId, profile, entitlement, List.of());
  }
}
