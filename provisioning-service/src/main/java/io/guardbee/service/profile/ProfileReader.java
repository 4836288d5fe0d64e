package io.guardbee.service.profile;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Config.ProfileSettings;
import io.guardbee.service.profile.Profile.Approval;
import io.guardbee.service.profile.Profile.EstForm;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Profile.Renewal;
import io.guardbee.service.profile.Profile.RenewalKey;
import io.guardbee.service.profile.Profile.ServerKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Gives the words of {@code profiles} in {@code config.yaml} their meaning. */
final class ProfileReader {

  private final String name;
  private final ReservedNames reserved;

  private ProfileReader(String name, ReservedNames reserved) {
    this.name = name;
    this.reserved = reserved;
  }

  static Profile read(
      String name, ProfileSettings settings, String organization, ReservedNames reserved) {
    return new ProfileReader(name, reserved).read(settings, organization);
  }

  private Profile read(ProfileSettings settings, String organization) {
    List<Way> ways = settings.who().stream().map(who -> word("who", who, Way.class)).toList();
    if (ways.contains(Way.INSTALLATION)) {
      throw unknown("who", Way.INSTALLATION.toString(), Way.class);
    }
    List<Purpose> purposes =
        settings.purposes().stream().map(word -> word("purposes", word, Purpose.class)).toList();
    if (purposes.isEmpty() || purposes.contains(Purpose.OCSP)) {
      throw unknown("purposes", String.join(", ", settings.purposes()), Purpose.class);
    }
    refuseServersOfIssuing(settings, purposes);
    return new Profile(
        name,
        issuer(settings.issuer()),
        settings.validity(),
        purposes,
        SubjectTemplate.parse(settings.subject(), organization),
        settings.names().stream().map(NameTemplate::parse).toList(),
        settings.requestedNames().stream().map(NamePattern::parse).toList(),
        settings.keys().stream()
            .map(word -> word("keys", word, KeyKind.class))
            .collect(Collectors.toSet()),
        Set.copyOf(ways),
        word("approval", settings.approval(), Approval.class),
        renewal(settings.renewal()),
        settings.certificates(),
        word("serverKeys", settings.serverKeys(), ServerKeys.class),
        new EstForm(isTemplate(settings.est().csrattrs()), settings.est().lineLength()),
        reserved);
  }

  /**
   * Devices' authority vouches for no server: clients that know the root alone would believe it.
   */
  private void refuseServersOfIssuing(ProfileSettings settings, List<Purpose> purposes) {
    if (settings.issuer().equals(Identity.ISSUING) && purposes.contains(Purpose.SERVER)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "profiles." + name + ".purposes: server, but the issuing authority certifies no servers",
          "write issuer: operations for this profile, or take server out of its purposes");
    }
  }

  private String issuer(String role) {
    if (role.equals(Identity.ISSUING) || role.equals(Identity.OPERATIONS)) {
      return role;
    }
    throw invalid("issuer", role, "write " + Identity.ISSUING + " or " + Identity.OPERATIONS);
  }

  private Renewal renewal(Config.Renewal settings) {
    return new Renewal(
        settings.from(),
        settings.jitter(),
        word("renewal.key", settings.key(), RenewalKey.class),
        settings.overlap(),
        settings.expiredGrace());
  }

  private boolean isTemplate(String csrattrs) {
    return switch (csrattrs) {
      case "rfc8951" -> false;
      case "rfc9908" -> true;
      default -> throw invalid("est.csrattrs", csrattrs, "write rfc8951 or rfc9908");
    };
  }

  private <E extends Enum<E>> E word(String key, String word, Class<E> words) {
    return Arrays.stream(words.getEnumConstants())
        .filter(known -> written(known).equals(word))
        .findFirst()
        .orElseThrow(() -> unknown(key, word, words));
  }

  private static String written(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private <E extends Enum<E>> RefusedException unknown(String key, String word, Class<E> words) {
    String known =
        Arrays.stream(words.getEnumConstants())
            .filter(one -> one != Way.INSTALLATION && one != Purpose.OCSP)
            .map(ProfileReader::written)
            .collect(Collectors.joining(", "));
    return invalid(key, word, "use " + known);
  }

  private RefusedException invalid(String key, String value, String fix) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "profiles." + name + "." + key + ": " + Quoted.of(value) + " is not understood",
        fix);
  }
}
