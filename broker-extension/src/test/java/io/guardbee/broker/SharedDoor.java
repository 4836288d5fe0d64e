package io.guardbee.broker;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One broker with its feed for all test classes that want one, started for the first and ended
 * after the last; each class puts its own policy in force.
 */
final class SharedDoor implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(SharedDoor.class, key -> Running.start(), Running.class);
  }

  /** Pki, feed and broker. */
  record Running(Pki pki, Path home, FeedServer feed, BrokerProcess broker, AtomicLong versions)
      implements AutoCloseable {

    static Running start() {
      try {
        Pki pki = Pki.make();
        Path home = Files.createTempDirectory("guardbee-door");
        pki.writeHome(home);
        DoorIT.writePolicy(home, DoorIT.POLICY);
        FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url());
        return new Running(pki, home, feed, broker, new AtomicLong());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Puts a policy in force and waits until it is, on all connections; its version. */
    long enforce(String policy) {
      return order("enforce", policy, "applied");
    }

    /** Orders a version that this broker cannot apply; waits until it has said so. */
    long enforceInVain(String policy) {
      long version = versions.incrementAndGet();
      feed.policy(version, "enforce", policy);
      broker.awaitLine("policy version " + version + " refused");
      return version;
    }

    long order(String mode, String policy, String outcome) {
      long version = versions.incrementAndGet();
      order(version, mode, policy, outcome);
      return version;
    }

    void order(long version, String mode, String policy, String outcome) {
      feed.policy(version, mode, policy);
      broker.awaitLine("policy version " + version + " " + mode + ": " + outcome);
    }

    Device connect(TestCa own, String clientId) throws MqttException {
      return Device.connect(clientId, pki.context(own), broker.port());
    }

    Device connect(TestCa own, String clientId, Consumer<MqttConnectionOptions> shape)
        throws MqttException {
      return Device.connect(clientId, pki.context(own), broker.port(), shape);
    }

    /** With a session that outlives the connection. */
    Device persistent(TestCa own, String clientId) throws MqttException {
      return connect(
          own,
          clientId,
          options -> {
            options.setCleanStart(false);
            options.setSessionExpiryInterval(3600L);
          });
    }

    MqttWire wire(TestCa own) throws IOException {
      return wire(own, "127.0.0.1");
    }

    /** From an address of this machine. */
    MqttWire wire(TestCa own, String address) throws IOException {
      return new MqttWire(pki.context(own), broker.port(), InetAddress.getByName(address));
    }

    @Override
    public void close() throws IOException {
      broker.close();
      feed.close();
      try (Stream<Path> all = Files.walk(home)) {
        all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }
}
