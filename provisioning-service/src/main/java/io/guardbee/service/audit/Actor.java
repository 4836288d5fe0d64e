package io.guardbee.service.audit;

import io.guardbee.pki.DeviceId;

/**
 * Who did it.
 *
 * @param kind such as {@code operator}
 * @param name as its certificate or its grant names it; only claimed where the kind is {@code
 *     caller}
 */
public record Actor(String kind, String name) {

  /** The service by itself. */
  public static final Actor SERVICE = new Actor("service", "");

  public static Actor operator(String name) {
    return new Actor("operator", name);
  }

  public static Actor device(DeviceId deviceId) {
    return new Actor("device", deviceId.value());
  }

  public static Actor station(String name) {
    return new Actor("station", name);
  }

  public static Actor broker(String node) {
    return new Actor("broker", node);
  }

  /** Someone who was not let in under that name. */
  public static Actor caller(String claimed) {
    return new Actor("caller", claimed);
  }

  /** As entries write it, such as {@code operator:jane}. */
  @Override
  public String toString() {
    return name.isEmpty() ? kind : kind + ":" + name;
  }
}
