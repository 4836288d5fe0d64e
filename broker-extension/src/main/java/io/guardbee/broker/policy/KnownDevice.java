package io.guardbee.broker.policy;

import io.guardbee.pki.Subject;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a device without its certificate at hand. Immutable.
 *
 * @param deviceId the CN of its certificates
 * @param issuer the role of the authority that issued them; empty when it is not known
 * @param subject null when it is not known
 */
public record KnownDevice(String deviceId, String issuer, @Nullable Subject subject) {

  private static final String COMMON_NAME = "CN";
  private static final String ORGANIZATIONAL_UNIT = "OU";

  /** A device of which only its id is known. */
  public static KnownDevice of(String deviceId) {
    return new KnownDevice(deviceId, "", null);
  }

  /** Whether that attribute is the device id. */
  static boolean isId(AttributeName name) {
    return name.kind() == AttributeName.Kind.SUBJECT && name.type().equals(COMMON_NAME);
  }

  /** The values of an attribute; empty when they are not known. */
  Optional<List<String>> values(AttributeName name) {
    return switch (name.kind()) {
      case SUBJECT -> isId(name) ? Optional.of(List.of(deviceId)) : subjectValues(name.type());
      case PROFILE -> subjectValues(ORGANIZATIONAL_UNIT); // the subject mapping of pki.Identity
      case ISSUER -> issuer.isEmpty() ? Optional.empty() : Optional.of(List.of(issuer));
      case ISSUER_NAME, SERIAL, FINGERPRINT, SAN_URI, SAN_DNS, SAN_EMAIL -> Optional.empty();
    };
  }

  private Optional<List<String>> subjectValues(String type) {
    return Optional.ofNullable(subject).map(known -> known.values(type));
  }
}
