package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One broker for all tests of hostile guests, with well-behaved neighbours in it who must not
 * notice: after each test one of them publishes by the connection that it has had from the
 * beginning, and the other gets the message by its own.
 */
final class Neighbourhood implements AutoCloseable {

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path home;
  private final Pki pki;
  private final TestCa rsaAuthority;
  private final FeedServer feed;
  private final BrokerProcess broker;
  private final Device publisher;
  private final Device listener;

  private Neighbourhood() throws IOException, MqttException {
    home = Files.createTempDirectory("guardbee-hostile");
    pki = Pki.make();
    // old hashes are signed with RSA keys: such an authority is trusted here too
    rsaAuthority = Forged.rsaAuthority(pki.root());
    pki.writeHome(home);
    Files.writeString(
        home.resolve("ca/issuing.pem"),
        Pem.certificates(List.of(pki.issuing().certificate(), rsaAuthority.certificate())));
    DoorIT.writePolicy(home, DoorIT.POLICY);
    feed = new FeedServer(pki);
    feed.tellTrust(
        List.of(pki.root().certificate()),
        List.of(pki.issuing().certificate(), rsaAuthority.certificate()));
    broker = BrokerProcess.startAndFollow(home, feed.url());
    publisher =
        Device.connect("d-good", pki.context(pki.device("d-good", "sensor")), broker.port());
    listener =
        Device.connect(
            "app-good/1", pki.context(pki.device("app-good", "application")), broker.port());
    assertThat(listener.subscribe("devices/+/telemetry/#")).isEqualTo(1);
  }

  private static Neighbourhood make() {
    try {
      return new Neighbourhood();
    } catch (IOException | MqttException e) {
      throw new IllegalStateException(e);
    }
  }

  Pki pki() {
    return pki;
  }

  TestCa rsaAuthority() {
    return rsaAuthority;
  }

  BrokerProcess broker() {
    return broker;
  }

  /** What the broker has logged by now; its own lines beside ours. */
  List<String> log() {
    try {
      return Pki.lines(home.resolve("broker/log/hivemq.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a line beyond the first {@code from} that holds all of these. */
  void awaitLine(int from, String... parts) {
    Awaitility.await()
        .alias("a line with " + List.of(parts))
        .untilAsserted(
            () ->
                assertThat(log().stream().skip(from))
                    .anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
  }

  /** Nobody else has noticed anything. */
  void assertUndisturbed() throws MqttException {
    assertThat(publisher.isConnected()).as("the neighbour is still connected").isTrue();
    String topic = "devices/d-good/telemetry/" + NUMBERS.incrementAndGet();
    assertThat(publisher.publish(topic)).isZero();
    Awaitility.await()
        .untilAsserted(() -> assertThat(listener.received()).as("arrives").contains(topic));
  }

  @Override
  public void close() throws IOException {
    publisher.close();
    listener.close();
    broker.close();
    feed.close();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Starts it for the first class that wants it, looks after it, and ends it after the last. */
  static final class Guests implements BeforeAllCallback, AfterEachCallback {

    private static volatile @Nullable Neighbourhood here;

    static Neighbourhood here() {
      return Objects.requireNonNull(here, "before all tests");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
      here =
          context
              .getRoot()
              .getStore(ExtensionContext.Namespace.create(Neighbourhood.class))
              .getOrComputeIfAbsent(Neighbourhood.class, key -> make(), Neighbourhood.class);
    }

    @Override
    public void afterEach(ExtensionContext context) throws MqttException {
      here().assertUndisturbed();
    }
  }
}
