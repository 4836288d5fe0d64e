package io.guardbee.bench.door;

import io.guardbee.bench.broker.Contender;
import io.guardbee.bench.door.Contest.Result;
import io.guardbee.bench.measure.Workers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages a second on kept connections, with the policy and without. Nobody subscribes: what is
 * left is the publisher's way through the broker, where the policy's share is the largest.
 */
final class Messages {

  private static final int PUBLISHERS = 4;
  private static final int PAYLOAD = 64;

  /** What a broker takes unacknowledged from one client (MQTT 5 §3.1.2.11.3), HiveMQ's default. */
  private static final int WINDOW = 10;

  private static final int BURST = 100;
  private static final double WANTED = 0.97;

  private final Stage stage;
  private final List<Link> links = new ArrayList<>();

  private Messages(Stage stage) {
    this.stage = stage;
  }

  static List<Figure> measure(Stage stage) throws Exception {
    Messages messages = new Messages(stage);
    List<Member> devices = stage.roster().enrol("message", PUBLISHERS);
    try {
      List<Figure> figures = new ArrayList<>();
      figures.addAll(messages.run(devices, 0));
      figures.addAll(messages.run(devices, 1));
      return figures;
    } finally {
      messages.closeLinks();
    }
  }

  private void closeLinks() throws IOException {
    for (Link link : links) {
      link.close();
    }
    links.clear();
  }

  private List<Figure> run(List<Member> devices, int qos) throws Exception {
    closeLinks(); // the same devices connect again, one connection each
    Contest contest =
        new Contest(
            List.of(stage.guarded(), stage.permitAll()),
            contender -> publishers(contender, devices, qos));
    stage.say("messages at QoS " + qos + ": warming up and measuring");
    int each = qos == 0 ? BURST : WINDOW;
    List<Result> results = contest.run(stage.plan().seconds(), stage.plan().warmUp());
    Result guarded = results.get(0);
    Result open = results.get(1);
    return List.of(
        Figure.of(
                "ratio.qos" + qos,
                guarded.perSecond() / open.perSecond(),
                "messages/s at QoS %d with the policy (%,.0f) ÷ with a permit-all extension"
                    + " (%,.0f); %d publishers, no subscriber",
                qos,
                guarded.perSecond() * each,
                open.perSecond() * each,
                PUBLISHERS)
            .atLeast(WANTED),
        Figure.of(
            "processorRatio.qos" + qos,
            open.brokerMicros() / guarded.brokerMicros(),
            "the same by the brokers' own processor time for a message: %.2f µs with, %.2f µs"
                + " without",
            guarded.brokerMicros() / each,
            open.brokerMicros() / each));
  }

  private List<Workers.Work> publishers(Contender contender, List<Member> devices, int qos)
      throws IOException {
    List<Workers.Work> publishers = new ArrayList<>();
    for (Member device : devices) {
      Link link = Link.open(device, contender.address(), Packets.connect(device.id().value()));
      links.add(link);
      publishers.add(qos == 0 ? atMostOnce(link, device) : atLeastOnce(link, device));
    }
    return publishers;
  }

  /** A burst ends with one that is acknowledged: then the broker is through with all of it. */
  private static Workers.Work atMostOnce(Link link, Member device) {
    byte[] payload = new byte[PAYLOAD];
    ByteArrayOutputStream burst = new ByteArrayOutputStream();
    for (int i = 1; i < BURST; i++) {
      burst.writeBytes(Packets.publishAtMostOnce(device.topic(), payload));
    }
    burst.writeBytes(Packets.publishAtLeastOnce(device.topic(), 1, payload));
    byte[] packets = burst.toByteArray();
    return () -> {
      link.send(packets);
      link.awaitAcknowledgement();
      return true;
    };
  }

  private static Workers.Work atLeastOnce(Link link, Member device) {
    byte[] payload = new byte[PAYLOAD];
    ByteArrayOutputStream window = new ByteArrayOutputStream();
    for (int i = 1; i <= WINDOW; i++) {
      window.writeBytes(Packets.publishAtLeastOnce(device.topic(), i, payload));
    }
    byte[] packets = window.toByteArray();
    return () -> {
      link.send(packets);
      for (int i = 0; i < WINDOW; i++) {
        link.awaitAcknowledgement();
      }
      return true;
    };
  }
}
