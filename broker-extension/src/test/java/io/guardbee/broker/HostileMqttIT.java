package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.Neighbourhood.Guests;
import io.guardbee.testing.TestCa;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MQTT as no client library speaks it, over TLS with a good certificate: each is answered with the
 * code that the standard has for it or with the end of the connection, the log tells why, and the
 * neighbours go on.
 */
@ExtendWith(Guests.class)
class HostileMqttIT {

  private static final int CLOSED = 0;
  private static final int NOT_AUTHORIZED = 0x87;

  private static final int REFUSED_BY_MQTT_3 = 2; // MQTT 3.1.1 §3.2.2.3: identifier rejected
  private static final int MALFORMED = 0x81;
  private static final int PROTOCOL_ERROR = 0x82;
  private static final int VERSION = 0x84;
  private static final int CLIENT_ID = 0x85;
  private static final int AUTHENTICATION_METHOD = 0x8c;
  private static final int TOPIC_FILTER = 0x8f;
  private static final int TOPIC_NAME = 0x90;
  private static final int TOPIC_ALIAS = 0x94;
  private static final int TOO_LARGE = 0x95;

  private static final byte[] NONE = {};
  private static final String OWN = "devices/d-mqtt/telemetry/x";

  private static SSLContext tls;

  @BeforeAll
  static void enrol() {
    TestCa own = Guests.here().pki().device("d-mqtt", "sensor");
    tls = Guests.here().pki().context(own);
  }

  private static Wire open() throws IOException {
    return new Wire(tls, Guests.here().broker().port());
  }

  private static Wire connected() throws IOException {
    Wire wire = open();
    assertThat(wire.send(Wire.connect("d-mqtt")).read().octet(1)).isZero();
    return wire;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Arguments says(String what, int code, String logged, byte[] octets) {
    Supplier<byte[]> later = () -> octets;
    return Arguments.of(what, code, logged, later);
  }

  private static byte[] publish(byte[] topic) {
    return Wire.publish(topic, NONE, utf8("x"));
  }

  private static byte[] aliased(String topic, int alias) {
    return Wire.publish(utf8(topic), Wire.octets(0x23, alias >> 8, alias & 0xff), utf8("x"));
  }

  private static byte[] subscribe(byte[]... filters) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] filter : filters) {
      all.writeBytes(Wire.octets(Wire.text(filter), 1));
    }
    return Wire.packet(0x82, Wire.octets(0, 7, 0, all.toByteArray()));
  }

  private static byte[] zeros(int octets) {
    return new byte[octets];
  }

  static Stream<Arguments> afterConnect() {
    return Stream.of(
        says(
            "wildcard of one level in a topic",
            TOPIC_NAME,
            "wildcard character",
            publish(utf8("devices/+/telemetry/x"))),
        says(
            "wildcard of the rest in a topic",
            TOPIC_NAME,
            "wildcard character",
            publish(utf8("#"))),
        says("empty topic without alias", PROTOCOL_ERROR, "absent topic alias", publish(NONE)),
        says(
            "broker's own topic",
            PROTOCOL_ERROR,
            "starts with '$'",
            publish(utf8("$SYS/broker/uptime"))),
        says(
            "NUL in a topic",
            MALFORMED,
            "malformed 'topic'",
            publish(utf8("devices/d-mqtt/telemetry/\0"))),
        says(
            "topic that is not UTF-8",
            MALFORMED,
            "malformed 'topic'",
            publish(new byte[] {'a', (byte) 0xc3, 0x28})),
        says(
            "line feed in a topic",
            MALFORMED,
            "malformed 'topic'",
            publish(utf8("a\n2026 refused d-good"))),
        says(
            "half a surrogate pair",
            MALFORMED,
            "malformed 'topic'",
            publish(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})),
        says(
            "overlong slash",
            MALFORMED,
            "malformed 'topic'",
            publish(new byte[] {'a', (byte) 0xc0, (byte) 0xaf})),
        says(
            "topic longer than allowed",
            TOPIC_NAME,
            "maximum configured length",
            publish(utf8("devices/d-mqtt/telemetry/" + "x".repeat(60_000)))),
        says(
            "packet beyond the limit",
            TOO_LARGE,
            "bigger than the maximum message size",
            Wire.publish(utf8(OWN), NONE, zeros(1 << 20))),
        says(
            "giant remaining length",
            TOO_LARGE,
            "bigger than the maximum message size",
            new byte[] {0x30, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f}),
        says(
            "remaining length without end",
            CLOSED,
            "remaining length was malformed",
            new byte[] {0x30, -1, -1, -1, -1, -1, -1}),
        says(
            "topic longer than its packet",
            MALFORMED,
            "incorrect UTF-8 string length",
            Wire.packet(0x30, new byte[] {0x7f, 0x7f, 'a'})),
        says("alias 0", PROTOCOL_ERROR, "topic alias = '0'", aliased(OWN, 0)),
        says("alias beyond the limit", TOPIC_ALIAS, "too large topic alias", aliased(OWN, 65535)),
        says("alias that stands for nothing", TOPIC_ALIAS, "unmapped topic alias", aliased("", 3)),
        says("QoS 3", MALFORMED, "invalid QoS", Wire.packet(0x36, Wire.octets(OWN, 0, 1, 0))),
        says(
            "QoS 1 with packet id 0",
            PROTOCOL_ERROR,
            "packet identifier 0",
            Wire.packet(0x32, Wire.octets(OWN, 0, 0, 0))),
        says(
            "DUP at QoS 0", PROTOCOL_ERROR, "DUP set to 1", Wire.packet(0x38, Wire.octets(OWN, 0))),
        says("second CONNECT", CLOSED, "second CONNECT", Wire.connect("d-mqtt")),
        says("packet type 0", PROTOCOL_ERROR, "message type '0'", Wire.packet(0x00, NONE)),
        says(
            "CONNACK to the broker",
            PROTOCOL_ERROR,
            "CONNACK",
            Wire.packet(0x20, new byte[] {0, 0, 0})),
        says(
            "SUBACK to the broker",
            PROTOCOL_ERROR,
            "SUBACK",
            Wire.packet(0x90, new byte[] {0, 1, 0, 0})),
        says(
            "AUTH out of the blue",
            AUTHENTICATION_METHOD,
            "authentication method",
            Wire.packet(0xf0, new byte[] {0x18, 0})),
        says(
            "reserved bits of SUBSCRIBE",
            MALFORMED,
            "SUBSCRIBE with an invalid fixed header",
            Wire.packet(0x80, Wire.octets(0, 1, 0, "a", 0))),
        says(
            "reserved bits of PINGREQ",
            MALFORMED,
            "PINGREQ with an invalid fixed header",
            Wire.packet(0xc3, NONE)),
        says(
            "reserved bits of PUBREL",
            MALFORMED,
            "PUBREL with an invalid fixed header",
            Wire.packet(0x60, new byte[] {0, 1})),
        says(
            "reserved bits of subscription options",
            MALFORMED,
            "malformed subscription options",
            Wire.packet(0x82, Wire.octets(0, 1, 0, "a", 0xc0))),
        says(
            "no filter",
            PROTOCOL_ERROR,
            "didn't contain any subscription",
            Wire.packet(0x82, Wire.octets(0, 1, 0))),
        says(
            "filter with a wildcard in the middle",
            TOPIC_FILTER,
            "invalid subscription",
            subscribe(utf8("devices/#/x"))),
        says(
            "escape sequence in a filter",
            MALFORMED,
            "malformed 'topic filter'",
            subscribe(utf8("\u001b[2J#/x"))),
        says(
            "filter that is not UTF-8",
            MALFORMED,
            "malformed 'topic filter'",
            subscribe(new byte[] {'a', (byte) 0xff})),
        says(
            "property twice",
            PROTOCOL_ERROR,
            "more than once",
            Wire.publish(utf8(OWN), Wire.octets(1, 0, 1, 0), NONE)),
        says(
            "property that there is not",
            MALFORMED,
            "invalid property identifier",
            Wire.publish(utf8(OWN), Wire.octets(0x7e, 0), NONE)),
        says(
            "HTTP",
            MALFORMED,
            "invalid fixed header",
            utf8("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n".repeat(20) + "\r\n")));
  }

  static Stream<Arguments> insteadOfConnect() {
    byte[] id = utf8("d-mqtt");
    return Stream.of(
        says("PUBLISH before CONNECT", CLOSED, "before CONNECT", publish(utf8(OWN))),
        says(
            "other protocol",
            VERSION,
            "invalid protocol name",
            Wire.packet(0x10, Wire.octets("MQTX", 5, 2, 0, 60, 0, "d-mqtt"))),
        says(
            "version 99",
            CLOSED,
            "invalid protocol version",
            Wire.packet(0x10, Wire.octets("MQTT", 99, 2, 0, 60, 0, "d-mqtt"))),
        says("reserved flag of CONNECT", MALFORMED, "invalid CONNECT flags", Wire.connect(id, 3)),
        says(
            "reserved bits of CONNECT",
            MALFORMED,
            "invalid fixed header",
            Wire.packet(0x1f, Wire.octets("MQTT", 5, 2, 0, 60, 0, "d-mqtt"))),
        says("empty client id", CLIENT_ID, "client-id-mismatch", Wire.connect("")),
        says(
            "client id with control characters",
            MALFORMED,
            "not well formed",
            Wire.connect("d-mqtt\u001b[2J\n")),
        says("client id with NUL", MALFORMED, "not well formed", Wire.connect("d-mqtt\0")),
        says(
            "client id that is not UTF-8",
            MALFORMED,
            "not well formed",
            Wire.connect(new byte[] {'d', (byte) 0xff}, 2)),
        says(
            "client id of 60,000 octets",
            CLIENT_ID,
            "longer than 512 characters",
            Wire.connect("d".repeat(60_000))),
        says("neighbour's client id", CLIENT_ID, "client-id-mismatch", Wire.connect("d-good")),
        says(
            "CONNECT beyond the limit",
            TOO_LARGE,
            "exceeded the maximum permissible size",
            Wire.connect(id, 0xc2, Wire.text(zeros(60_000)), zeros(1 << 20))),
        says(
            "huge Will on another's topic",
            NOT_AUTHORIZED,
            "topic-not-allowed: the Will",
            Wire.connect(id, 6, 0, "devices/d-good/telemetry/x", Wire.text(zeros(65_535)))),
        says(
            "Will on all topics",
            TOPIC_NAME,
            "wildcard character",
            Wire.connect(id, 6, 0, "devices/+/telemetry/x", "x")),
        says("Will of QoS 3", MALFORMED, "willTopic flag", Wire.connect(id, 6 | 0x18, 0, OWN, "x")),
        says(
            "Will of QoS 1 without a Will",
            MALFORMED,
            "willTopic flag",
            Wire.connect(id, 2 | 0x08)),
        says(
            "Will that is cut off",
            MALFORMED,
            "incorrect UTF-8 string length",
            Wire.connect(id, 6, 0)),
        says(
            "MQTT 3.1.1 with an empty client id",
            REFUSED_BY_MQTT_3,
            "NO clientID",
            Wire.packet(0x10, Wire.octets("MQTT", 4, 0, 0, 60, ""))),
        says(
            "MQTT 3.1.1 with a neighbour's client id",
            REFUSED_BY_MQTT_3,
            "client-id-mismatch",
            Wire.packet(0x10, Wire.octets("MQTT", 4, 2, 0, 60, "d-good"))));
  }

  /** MQTT 3.1.1 has no DISCONNECT of the server: the connection ends. */
  static Stream<Arguments> afterConnectOfMqtt3() {
    return Stream.of(
        says("wildcard", CLOSED, "wildcard character", publish3("devices/+/telemetry/x", 0)),
        says("neighbour's topic", CLOSED, "d-good", publish3("devices/d-good/telemetry/x", 0)),
        says("NUL", CLOSED, "malformed", publish3("devices/d-mqtt/telemetry/\0", 0)),
        says("too large", CLOSED, "bigger than the maximum message size", publish3(OWN, 1 << 20)),
        says(
            "filter",
            CLOSED,
            "invalid subscription",
            Wire.packet(0x82, Wire.octets(0, 1, "a/#/b", 0))));
  }

  private static byte[] publish3(String topic, int octets) {
    return Wire.packet(0x30, Wire.octets(topic, zeros(octets)));
  }

  private static void assertEnds(Wire wire, int code, String logged, byte[] octets)
      throws IOException {
    int from = Guests.here().log().size();
    assertThat(wire.send(octets).awaitEnd()).isEqualTo(code);
    Guests.here().awaitLine(from, "127.0.0.1", logged);
    assertThat(Guests.here().log().stream().skip(from))
        .as("nothing that steers a terminal")
        .allMatch(line -> line.chars().noneMatch(c -> Character.isISOControl(c) && c != '\t'));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("afterConnect")
  void endsTheConnection(String what, int code, String logged, Supplier<byte[]> octets)
      throws IOException {
    try (Wire wire = connected()) {
      assertEnds(wire, code, logged, octets.get());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("afterConnectOfMqtt3")
  void endsTheConnectionOfMqtt3(String what, int code, String logged, Supplier<byte[]> octets)
      throws IOException {
    try (Wire wire = open()) {
      byte[] connect = Wire.packet(0x10, Wire.octets("MQTT", 4, 2, 0, 60, "d-mqtt"));
      assertThat(wire.send(connect).read().octet(1)).isZero();
      assertEnds(wire, code, logged, octets.get());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("insteadOfConnect")
  void neverComesIn(String what, int code, String logged, Supplier<byte[]> octets)
      throws IOException {
    try (Wire wire = open()) {
      assertEnds(wire, code, logged, octets.get());
    }
  }

  private static byte[] othersTopics(int count) {
    byte[][] filters = new byte[count][];
    for (int i = 0; i < count; i++) {
      filters[i] = utf8("devices/d-" + i + "/commands/#");
    }
    return subscribe(filters);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 10_000})
  void everySubscriptionOfManyInOnePacketIsRefused(int count) throws IOException {
    try (Wire wire = connected()) {
      Wire.Packet answer = wire.send(othersTopics(count)).read();
      assertThat(answer.type()).isEqualTo(0x90);
      assertThat(answer.last(count)).containsOnly((byte) NOT_AUTHORIZED);
    }
  }

  /** In the time of one: whoever holds his tongue does not hold the door. */
  @Test
  void thoseWhoDoNotComeToThePointAreClosed() throws Exception {
    int from = Guests.here().log().size();
    int port = Guests.here().broker().port();
    List<Socket> flood = new ArrayList<>();
    try (Wire silent = open();
        Wire slow = open()) {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        flood.add(socket);
        if (i % 2 == 0) {
          socket
              .getOutputStream()
              .write(new byte[] {0x16, 3, 1, 0x02, 0, 1}); // a ClientHello that breaks off
        }
      }
      Guests.here().assertUndisturbed();
      try (Wire honest = connected()) {
        assertThat(honest).isNotNull();
      }
      byte[] connect = Wire.connect("d-mqtt");
      Thread dripping = new Thread(() -> drip(slow, connect));
      dripping.start();
      assertThat(silent.awaitEnd()).isEqualTo(CLOSED);
      assertThat(slow.awaitEnd()).isEqualTo(CLOSED);
      dripping.join();
      for (Socket socket : flood) {
        assertThat(endOf(socket)).isTrue();
      }
      Guests.here().awaitLine(from, "127.0.0.1", "idle for too long");
    } finally {
      for (Socket socket : flood) {
        socket.close();
      }
    }
  }

  /** One octet a second, and never the last. */
  private static void drip(Wire wire, byte[] octets) {
    try {
      for (int i = 0; i < 8; i++) {
        wire.send(new byte[] {octets[i]});
        Thread.sleep(1000);
      }
    } catch (IOException | InterruptedException e) {
      // closed: as it should be
    }
  }

  private static boolean endOf(Socket socket) {
    try {
      while (socket.getInputStream().read() >= 0) {
        // an alert, perhaps
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  @Test
  void whatIsNotTlsIsClosed() throws IOException {
    int from = Guests.here().log().size();
    for (byte[] octets : List.of(Wire.connect("d-mqtt"), utf8("GET / HTTP/1.1\r\n\r\n"))) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), Guests.here().broker().port())) {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(octets);
        assertThat(endOf(socket)).isTrue();
      }
    }
    Guests.here().awaitLine(from, "127.0.0.1", "tls-failed");
  }
}
