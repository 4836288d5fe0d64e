package io.guardbee.service.profile;

import io.guardbee.pki.Identity;
import io.guardbee.pki.ServerRole;
import io.guardbee.service.profile.Profile.Approval;
import io.guardbee.service.profile.Profile.EstForm;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Profile.Renewal;
import io.guardbee.service.profile.Profile.RenewalKey;
import io.guardbee.service.profile.Profile.ServerKeys;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The profiles of this installation's own certificates; nobody can be granted one.
 *
 * @param organization the O of their subjects; blank for none
 */
public record InstallationProfiles(String organization) {

  /** All renew by themselves: what leaks is of use for a short time only. */
  private static final Duration RENEWED = Duration.ofDays(90);

  private static final Duration LISTENER = Duration.ofDays(7);

  /** Nobody can revoke it (id-pkix-ocsp-nocheck), so it ends soon. */
  private static final Duration RESPONDER = Duration.ofDays(1);

  /** The HTTPS server: its CN is what clients know the service by. */
  public Profile https() {
    SubjectTemplate subject =
        SubjectTemplate.standard(organization).withCommonName(ServerRole.SERVICE_NAME);
    return profile(
        ServerRole.SERVICE.unit(), Identity.OPERATIONS, RENEWED, subject, Purpose.SERVER);
  }

  /** An operator. */
  public Profile operator() {
    return operations("operator", RENEWED, Purpose.CLIENT);
  }

  /** A broker towards the service; good for no server. */
  public Profile broker() {
    return operations(ServerRole.BROKER.unit(), RENEWED, Purpose.CLIENT);
  }

  /** A broker's MQTT listener: in the broker's name, but good for nothing towards the service. */
  public Profile listener() {
    return operations(ServerRole.BROKER.unit(), LISTENER, Purpose.SERVER);
  }

  /**
   * Who answers OCSP requests for an authority.
   *
   * @param role the authority's
   */
  public Profile responder(String role) {
    return profile("ocsp", role, RESPONDER, SubjectTemplate.standard(organization), Purpose.OCSP);
  }

  private Profile operations(String name, Duration validity, Purpose purpose) {
    return profile(
        name, Identity.OPERATIONS, validity, SubjectTemplate.standard(organization), purpose);
  }

  private static Profile profile(
      String name, String issuer, Duration validity, SubjectTemplate subject, Purpose purpose) {
    return new Profile(
        name,
        issuer,
        validity,
        List.of(purpose),
        subject,
        List.of(),
        List.of(),
        EnumSet.allOf(KeyKind.class),
        Set.of(Way.INSTALLATION),
        Approval.AUTOMATIC,
        new Renewal(0.66, Duration.ZERO, RenewalKey.ANY, validity, Duration.ZERO),
        Integer.MAX_VALUE,
        ServerKeys.OFF,
        new EstForm(false, 64),
        new ReservedNames());
  }
}
