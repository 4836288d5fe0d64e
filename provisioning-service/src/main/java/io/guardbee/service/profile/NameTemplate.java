package io.guardbee.service.profile;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Arrays;

/**
 * What a subjectAltName is made from.
 *
 * @param value with {@code ${deviceId}} where that goes
 */
public record NameTemplate(Name.Kind kind, String value) {

  private static final String DEVICE_ID = "${deviceId}";

  /**
   * Reads one.
   *
   * @param text kind, colon, value: {@code uri:urn:acme:${deviceId}}
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID}
   */
  static NameTemplate parse(String text) {
    int colon = text.indexOf(':');
    return Arrays.stream(Name.Kind.values())
        .filter(kind -> colon > 0 && kind.toString().equals(text.substring(0, colon)))
        .map(kind -> new NameTemplate(kind, text.substring(colon + 1)))
        .filter(template -> !template.value().isBlank())
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.CONFIGURATION_INVALID,
                    "profiles: name " + Quoted.of(text) + " is not allowed",
                    "write dns:, ip:, uri: or email: and the name"));
  }

  /** The name of that device. */
  public Name of(DeviceId deviceId) {
    return new Name(kind, value.replace(DEVICE_ID, deviceId.value()));
  }
}
