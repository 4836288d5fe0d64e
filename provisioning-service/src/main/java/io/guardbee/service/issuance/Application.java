package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;

/**
 * Who asks for a certificate, and by what right.
 *
 * @param deviceId whom the right names; never taken from the request alone
 */
public record Application(
    CertificateRequest request, DeviceId deviceId, Profile profile, Entitlement entitlement) {}
