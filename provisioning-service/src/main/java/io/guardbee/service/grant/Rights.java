package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.profile.Way;
import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * What standing grants entitle to. Each takes a place in the budget of its grant, the grant's row
 * locked; a place whose certificate was abandoned is given back when it is needed.
 */
final class Rights {

  private Rights() {}

  /** By a birth certificate; its key names the right, whatever grant let it in. */
  record ByManufacturer(UUID grant, Birth birth, Instant now) implements Entitlement {
    @Override
    public Way way() {
      return Way.MANUFACTURER;
    }

    @Override
    public String reference() {
      return birth.keyHash();
    }

    @Override
    public void take(Handle tx, DeviceId deviceId) {
      LockedGrant locked = LockedGrant.open(tx, grant, now);
      locked.requireName(deviceId);
      locked.requireRoom(deviceId);
      birth.bind(tx, deviceId, now);
      locked.use(deviceId);
    }
  }

  /** By a claim certificate: each name once, and none that had a certificate before. */
  record ByClaim(UUID grant, Instant now) implements Entitlement {
    @Override
    public Way way() {
      return Way.CLAIM;
    }

    @Override
    public String reference() {
      return grant.toString();
    }

    @Override
    public void take(Handle tx, DeviceId deviceId) {
      LockedGrant locked = LockedGrant.open(tx, grant, now);
      locked.requireName(deviceId);
      if (Birth.hasCertificate(tx, deviceId)) {
        throw Birth.exists(deviceId.value(), "already had a certificate");
      }
      locked.requireRoom(deviceId);
      locked.use(deviceId);
    }
  }

  /** By a station's word; its name is the right, whatever grant it has by now. */
  record ByStation(DeviceId station, UUID grant, Instant now) implements Entitlement {
    @Override
    public Way way() {
      return Way.STATION;
    }

    @Override
    public String reference() {
      return station.value();
    }

    @Override
    public void take(Handle tx, DeviceId deviceId) {
      LockedGrant locked = LockedGrant.open(tx, grant, now);
      locked.requireName(deviceId);
      locked.requireNewDevice(deviceId);
      locked.requireRoom(deviceId);
      locked.use(deviceId);
    }
  }
}
