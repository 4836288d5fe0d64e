package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a revoked device that had the broker store much. */
class SessionDeletionIT {

  private static final int MANY = 3000;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}"
          maxSubscriptions: 100000
          maxFilterLength: 4000
          maxFilterLevels: 4000
          allow:
            - subscribe: "devices/${subject.CN}/#"
            - publish: "devices/${subject.CN}/#"
              retain: true
        - name: readers
          when: { subject.OU: application }
          clientId: "${subject.CN}"
          allow:
            - subscribe: "devices/#"
      """;

  @TempDir Path home = Path.of("");
  private final Pki pki = Pki.make();

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    DoorIT.writePolicy(home, POLICY);
  }

  private static void persistent(MqttConnectionOptions options) {
    options.setCleanStart(false);
    options.setSessionExpiryInterval(86_400L);
  }

  private Device connect(BrokerProcess broker, TestCa own) throws MqttException {
    return Device.connect(
        "d-store", pki.context(own), broker.port(), SessionDeletionIT::persistent);
  }

  private void retain(BrokerProcess broker, String id) throws MqttException {
    TestCa own = pki.device(id, "sensor");
    try (Device device = Device.connect(id, pki.context(own), broker.port())) {
      device.retain("devices/" + id + "/state");
    }
  }

  private void store(BrokerProcess broker, TestCa own) throws IOException {
    String tail = "/" + "x".repeat(3500);
    try (Wire wire = new Wire(pki.context(own), broker.port())) {
      wire.send(
          Wire.packet(
              0x10, Wire.octets("MQTT", 5, 0, 0, 60, 5, 0x11, 0, 1, 0x51, 0x80, "d-store")));
      wire.read();
      for (int id = 1; id <= MANY; id++) {
        String filter = "devices/d-store/" + id + tail;
        wire.send(Wire.packet(0x82, Wire.octets(id >> 8, id & 0xff, 0, filter, 1)));
        Wire.Packet answer = wire.read();
        assertThat(answer.octet(answer.length() - 1)).isEqualTo(1);
      }
    }
  }

  @Test
  void nothingIsLeftEvenIfTheBrokerDiesRightAfterItsAcknowledgement() throws Exception {
    TestCa own = pki.device("d-store", "sensor");
    try (FeedServer feed = new FeedServer(pki)) {
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
        store(broker, own);
        for (String id : List.of("d-left", "d-stays")) {
          retain(broker, id);
        }
        feed.awaitAcknowledged(feed.revoke("d-store", own));
        broker.kill();
      }
      // as if it had died before it had cleared that one's retained messages
      Files.writeString(
          home.resolve("broker/data/guardbee/session-deletions.tsv"),
          "r\t1\td-left\tissuing\tCN=d-left,OU=sensor\n",
          StandardOpenOption.APPEND);
      TestCa next = pki.device("d-store", "sensor"); // enrolled anew
      try (BrokerProcess broker = BrokerProcess.start(home, feed.url())) {
        try (Device device = connect(broker, next)) {
          assertThat(device.sessionPresent()).isFalse();
        }
        Awaitility.await().until(() -> feed.pending().values().stream().allMatch(one -> one == 0));
        Awaitility.await().until(() -> feed.cleared(1) == 1);
        TestCa reader = pki.device("reader", "application");
        try (Device app = Device.connect("reader", pki.context(reader), broker.port())) {
          assertThat(app.subscribe("devices/#")).isEqualTo(1);
          Awaitility.await().until(() -> app.received().contains("devices/d-stays/state"));
          assertThat(app.received()).doesNotContain("devices/d-left/state");
        }
      }
    }
  }

  @Test
  void sessionsThatAreBeingDeletedAreToldUntilTheyAreGone() throws Exception {
    TestCa own = pki.device("d-store", "sensor");
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
      store(broker, own);
      long event = feed.revoke("d-store", own);
      feed.awaitAcknowledged(event);
      Awaitility.await().until(() -> feed.pending().getOrDefault(event, 1) == 0);
      try (Device device = connect(broker, pki.device("d-store", "sensor"))) {
        assertThat(device.sessionPresent()).isFalse();
      }
    }
  }
}
