package io.guardbee.pki;

import java.util.ArrayList;
import java.util.List;

/**
 * Who a certificate speaks for: the authority that vouches and the name it vouches for, never the
 * name alone. This is the one mapping between subjects and identities; the issuer writes with
 * {@link #device} what the broker's door reads with {@link #deviceId} and {@link #profile}.
 *
 * @param issuer the authority's role, such as {@code issuing} or {@code operations}; a role
 *     outlives the keys that fill it
 */
public record Identity(String issuer, Subject subject) {

  /** The authority for devices and applications. */
  public static final String ISSUING = "issuing";

  /** The authority for servers, operators, stations and brokers. */
  public static final String OPERATIONS = "operations";

  /**
   * The identity that an authority vouches for when it certifies a device.
   *
   * @param organization the O of the subject; blank for none
   */
  public static Identity device(
      String issuer, DeviceId deviceId, String profile, String organization) {
    List<Subject.Value> values = new ArrayList<>();
    values.add(new Subject.Value("CN", deviceId.value()));
    values.add(new Subject.Value("OU", profile));
    if (!organization.isBlank()) {
      values.add(new Subject.Value("O", organization));
    }
    return new Identity(issuer, new Subject(values, false));
  }

  /**
   * The device id, from the one CN.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when CN is missing or twice there,
   *     {@link Reason#DEVICE_ID_INVALID} when it is outside the grammar
   */
  public DeviceId deviceId() {
    return new DeviceId(single("CN"));
  }

  /**
   * The profile, from the one OU.
   *
   * @throws RefusedException {@link Reason#ATTRIBUTE_INVALID} when OU is missing or twice there
   */
  public String profile() {
    return single("OU");
  }

  private String single(String type) {
    List<String> values = subject.values(type);
    if (values.size() != 1 || subject.multiValued()) {
      throw new RefusedException(
          Reason.ATTRIBUTE_INVALID,
          "subject " + Quoted.of(subject.toString()) + " does not hold exactly one " + type,
          "enrol the device again with a certificate that Guardbee issues");
    }
    return values.get(0);
  }
}
