package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.profile.Profile;

/**
 * Who is let in: under which name, to which profile, by what right.
 *
 * @param deviceId whom the grant names; the request has only been asked where the grant leaves the
 *     choice
 */
public record Admission(DeviceId deviceId, Profile profile, Entitlement entitlement) {}
