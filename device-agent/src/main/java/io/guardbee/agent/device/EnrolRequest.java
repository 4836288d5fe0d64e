package io.guardbee.agent.device;

import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * All that a device needs to be enrolled.
 *
 * @param key where its key lives or will live; asked for only once the server is believed
 * @param patience how long to go on asking a server that says to come back
 */
public record EnrolRequest(
    DeviceId deviceId, EnrolToken token, Peers peers, Supplier<KeyPlace> key, Duration patience) {

  /** One that asks once. */
  public EnrolRequest(DeviceId deviceId, EnrolToken token, Peers peers, Supplier<KeyPlace> key) {
    this(deviceId, token, peers, key, Duration.ZERO);
  }

  /** The same, which asks again for that long. */
  public EnrolRequest waiting(Duration other) {
    return new EnrolRequest(deviceId, token, peers, key, other);
  }

  /**
   * The other side.
   *
   * @param server {@code https://host:port} of the provisioning service
   * @param broker {@code ssl://host:port}
   * @param fingerprint of the root authority
   */
  public record Peers(URI server, URI broker, Fingerprint fingerprint) {

    public Peers {
      check(server, "https");
      check(broker, "ssl");
    }

    private static void check(URI address, String scheme) {
      boolean complete =
          scheme.equals(address.getScheme())
              && address.getHost() != null
              && address.getUserInfo() == null
              && (address.getPort() > 0 || scheme.equals("https"));
      if (!complete) {
        throw new RefusedException(
            Reason.CONFIGURATION_INVALID,
            "address " + address + " is not of the form " + scheme + "://host:port",
            "copy it from run/endpoints.json on the server");
      }
    }
  }
}
