package io.guardbee.service.role;

import io.guardbee.pki.ServerRole;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.profile.Profile;
import java.util.Locale;

/** Who works with the service beside the devices. */
public enum Role {
  OPERATOR,
  BROKER;

  /** The OU of its certificates, and the word for it. */
  @Override
  public String toString() {
    return this == BROKER ? ServerRole.BROKER.unit() : name().toLowerCase(Locale.ROOT);
  }

  /** How its certificates towards the service are issued. */
  public Profile profile(InstallationProfiles profiles) {
    return this == BROKER ? profiles.broker() : profiles.operator();
  }
}
