package io.guardbee.agent.mqtt;

import java.net.URI;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.spi.NetworkModuleFactory;

/** How Paho finds {@link DoorModule}, by a scheme of its own. Public because Paho loads it. */
public final class DoorModuleFactory implements NetworkModuleFactory {

  static final String SCHEME = "guardbee";

  private static final int MILLIS = 1000;

  @Override
  public Set<String> getSupportedUriSchemes() {
    return Set.of(SCHEME);
  }

  @Override
  public void validateURI(URI broker) {
    if (broker.getHost() == null || broker.getPort() < 0) {
      throw new IllegalArgumentException("broker address without host and port: " + broker);
    }
  }

  @Override
  public NetworkModule createNetworkModule(
      URI broker, MqttConnectionOptions options, String clientId) {
    SSLSocketFactory tls = (SSLSocketFactory) options.getSocketFactory();
    return new DoorModule(broker, tls, options.getConnectionTimeout() * MILLIS);
  }
}
