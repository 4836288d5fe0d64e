package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The subjectAltNames that an application gets. */
final class CertificateNames {

  private CertificateNames() {}

  /**
   * The profile's names, the granted ones, and of those asked for the ones that it allows.
   *
   * @throws RefusedException {@link Reason#CSR_NAME_MISMATCH} for any other
   */
  static Set<Name> of(Application application) {
    Profile profile = application.profile();
    DeviceId deviceId = application.deviceId();
    Set<Name> names = new LinkedHashSet<>();
    profile.names().forEach(template -> names.add(template.of(deviceId)));
    List<Name> others = new ArrayList<>();
    for (Name granted : application.granted()) {
      if (profile.letsGrant(granted)) {
        names.add(granted);
      } else {
        others.add(granted);
      }
    }
    for (Name name : application.request().names()) {
      if (profile.letsAskFor(name)) {
        names.add(name);
      } else if (!names.contains(name) && !name.value().equals(deviceId.value())) {
        others.add(name);
      }
    }
    if (!others.isEmpty()) {
      throw notAllowed(others, application);
    }
    return names;
  }

  /**
   * Clients know a server by its subjectAltName, and by nothing else (RFC 9525 §2).
   *
   * @throws RefusedException {@link Reason#SERVER_NAME_MISSING}
   */
  static void requireServerName(Set<Name> names, Application application) {
    Profile profile = application.profile();
    boolean named =
        names.stream()
            .anyMatch(name -> name.kind() == Name.Kind.DNS || name.kind() == Name.Kind.IP);
    if (profile.isForServers() && !named) {
      throw new RefusedException(
          Reason.SERVER_NAME_MISSING,
          "a certificate of profile "
              + profile.name()
              + " would name no server: it has neither a DNS name nor an address as subjectAltName",
          nameFix(application));
    }
  }

  private static RefusedException notAllowed(List<Name> others, Application application) {
    return new RefusedException(
        Reason.CSR_NAME_MISMATCH,
        "the request asks for "
            + Quoted.of(others.stream().map(Name::toString).collect(Collectors.joining(", ")))
            + " but the caller is entitled to "
            + application.deviceId(),
        "ask for the subject CN="
            + application.deviceId()
            + ", or leave subject and subjectAltName empty; for other names "
            + nameFix(application));
  }

  private static String nameFix(Application application) {
    String profile = application.profile().name();
    return "ask for one that profiles."
        + profile
        + ".requestedNames in config.yaml allows, or have it granted: guardbee device grant "
        + application.deviceId()
        + " --profile "
        + profile
        + " --dns NAME";
  }
}
