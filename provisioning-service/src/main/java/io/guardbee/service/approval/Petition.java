package io.guardbee.service.approval;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.service.issuance.Application;

/**
 * What approval is asked for: a certificate for that device and that key, under that profile, by
 * that right.
 *
 * @param right what names the right among those of its way
 * @param address whence it is asked for
 */
record Petition(
    DeviceId deviceId, Fingerprint key, String profile, String way, String right, String address) {

  static Petition of(Application application, String address) {
    return new Petition(
        application.deviceId(),
        application.request().keyFingerprint(),
        application.profile().name(),
        application.entitlement().way().toString(),
        application.entitlement().reference(),
        address);
  }
}
