package io.guardbee.service.profile;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the subjects of a profile are made from. CN is the device id and OU the profile: the
 * broker's door reads an identity from them.
 *
 * @param values with {@code ${deviceId}} and {@code ${profile}} where those go
 */
public record SubjectTemplate(List<Subject.Value> values) {

  private static final String DEVICE_ID = "${deviceId}";
  private static final String PROFILE = "${profile}";
  private static final String ORGANIZATION = "${organization}";
  private static final Set<String> TYPES = Set.of("CN", "OU", "O", "L", "ST", "C", "SERIALNUMBER");

  public SubjectTemplate {
    values = List.copyOf(values);
  }

  /** {@code CN=${deviceId},OU=${profile},O=<organization>}. */
  static SubjectTemplate standard(String organization) {
    return parse("CN=" + DEVICE_ID + ",OU=" + PROFILE + ",O=" + ORGANIZATION, organization);
  }

  /**
   * Reads a template.
   *
   * @param text RFC 4514 with the placeholders
   * @param organization blank to leave out an O that is made from it
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID}
   */
  static SubjectTemplate parse(String text, String organization) {
    Subject subject = subject(text);
    List<Subject.Value> values = new ArrayList<>();
    for (Subject.Value value : subject.attributes()) {
      String filled = value.value().replace(ORGANIZATION, organization);
      if (!filled.isBlank()) {
        values.add(new Subject.Value(value.type(), filled));
      }
    }
    boolean readable =
        subject.values("CN").equals(List.of(DEVICE_ID))
            && subject.values("OU").equals(List.of(PROFILE));
    if (!readable || subject.multiValued() || !TYPES.containsAll(subject.types())) {
      throw invalid(
          text, "it needs one CN=${deviceId}, one OU=${profile}, and may have O, L, ST, C");
    }
    return new SubjectTemplate(values);
  }

  /** The same with a CN that is given, and none made from a device id. */
  SubjectTemplate withCommonName(String commonName) {
    return new SubjectTemplate(
        values.stream()
            .map(value -> value.type().equals("CN") ? new Subject.Value("CN", commonName) : value)
            .toList());
  }

  private static Subject subject(String text) {
    try {
      return Subject.parse(text);
    } catch (RefusedException e) {
      throw invalid(text, e.detail());
    }
  }

  private static RefusedException invalid(String text, String what) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "profiles.*.subject " + Quoted.of(text) + " is not allowed: " + what,
        "write CN=${deviceId},OU=${profile},O=${organization}");
  }

  Subject of(DeviceId deviceId, String profile) {
    return new Subject(
        values.stream()
            .map(
                value ->
                    new Subject.Value(
                        value.type(),
                        value
                            .value()
                            .replace(DEVICE_ID, deviceId.value())
                            .replace(PROFILE, profile)))
            .toList(),
        false);
  }
}
