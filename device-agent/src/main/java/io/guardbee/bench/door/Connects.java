package io.guardbee.bench.door;

import io.guardbee.bench.broker.Contender;
import io.guardbee.bench.broker.JavaHomes;
import io.guardbee.bench.broker.Mosquitto;
import io.guardbee.bench.broker.PermitAllBroker;
import io.guardbee.bench.door.Contest.Result;
import io.guardbee.bench.measure.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Full mTLS connects a second through the door, and through those of others. */
final class Connects {

  private static final int CLIENTS = 4;
  private static final int DEVICES_EACH = 250;
  private static final int REVOKERS = 4;
  private static final String RECORDING = "guardbee-bench";
  private static final int STOCK_JAVA = 17;
  private static final double WANTED_TO_PERMIT_ALL = 0.95;
  private static final double WANTED_TO_STOCK = 2;
  private static final double WANTED_TO_MOSQUITTO = 1.4;

  private final Stage stage;
  private final List<AutoCloseable> started = new ArrayList<>();

  private Connects(Stage stage) {
    this.stage = stage;
  }

  static List<Figure> measure(Stage stage) throws Exception {
    Connects connects = new Connects(stage);
    try {
      return connects.run();
    } finally {
      for (AutoCloseable one : connects.started) {
        one.close();
      }
    }
  }

  private List<Figure> run() throws Exception {
    List<Member> devices = stage.roster().enrol("connect", CLIENTS * DEVICES_EACH);
    List<Contender> contenders = new ArrayList<>(List.of(stage.guarded(), stage.permitAll()));
    Optional<Contender> stock = stock();
    Optional<Contender> mosquitto = mosquitto();
    stock.ifPresent(contenders::add);
    mosquitto.ifPresent(contenders::add);
    Contest contest = new Contest(contenders, contender -> clients(contender, devices));
    stage.say("connects: warming up and measuring " + contenders.size() + " brokers in turn");
    List<Result> results = contest.run(stage.plan().seconds(), stage.plan().warmUp());
    if (stage.plan().profile().isPresent()) {
      record(contest, contenders, Files.createDirectories(stage.plan().profile().get()));
    }
    return figures(results);
  }

  /** Where the time goes, in each broker that is a JVM and in the clients beside it. */
  private void record(Contest contest, List<Contender> contenders, Path folder) throws Exception {
    for (Contender contender : contenders) {
      if (!Jcmd.answers(contender.process())) {
        continue;
      }
      stage.say("recording " + contender.name());
      List<ProcessHandle> both = List.of(contender.process(), ProcessHandle.current());
      for (ProcessHandle process : both) {
        Jcmd.run(process, "JFR.start", "name=" + RECORDING, "settings=profile");
      }
      contest.runAlone(contender, stage.plan().seconds());
      for (int i = 0; i < both.size(); i++) {
        String file = contender.name() + (i == 0 ? ".jfr" : "-clients.jfr");
        Path path = folder.resolve(file).toAbsolutePath();
        Jcmd.run(both.get(i), "JFR.stop", "name=" + RECORDING, "filename=" + path);
      }
    }
    stage.note("recordings are in " + folder + "; jfr view hot-methods FILE shows one");
  }

  private Optional<Contender> stock() throws IOException, InterruptedException {
    Optional<Path> java = JavaHomes.find(STOCK_JAVA);
    if (java.isEmpty()) {
      stage.note(
          "no Java 17 found, so no comparison with stock HiveMQ on it; install"
              + " openjdk-17-jre-headless or name one in JAVA_HOME");
      return Optional.empty();
    }
    stage.say("starting stock HiveMQ on " + java.get());
    PermitAllBroker broker = PermitAllBroker.stock(stage.up(), java.get());
    started.add(broker);
    return Optional.of(broker.contender());
  }

  private Optional<Contender> mosquitto() throws Exception {
    Optional<Path> program = Mosquitto.find();
    if (program.isEmpty()) {
      stage.note("no mosquitto found, so no comparison with it; " + Mosquitto.INSTALL);
      return Optional.empty();
    }
    stage.say("revoking " + stage.plan().listed() + " devices for Mosquitto's list");
    revoke(stage.roster().enrol("listed", stage.plan().listed()));
    Mosquitto broker =
        Mosquitto.start(
            program.get(), stage.up().guardbee().home(), stage.service().revocationList());
    started.add(broker);
    return Optional.of(broker.contender());
  }

  private void revoke(List<Member> devices) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ServiceConnection service = stage.service();
    Workers.Work revoker =
        () -> {
          int number = next.getAndIncrement();
          if (number >= devices.size()) {
            return false;
          }
          service.revoke(devices.get(number).id());
          return true;
        };
    Workers.run(IntStream.range(0, REVOKERS).mapToObj(i -> revoker).toList(), Integer.MAX_VALUE);
  }

  /** Each thread takes its own devices one after the other: no two ever use the same at once. */
  private static List<Workers.Work> clients(Contender contender, List<Member> devices) {
    return IntStream.range(0, CLIENTS)
        .<Workers.Work>mapToObj(
            client -> {
              int from = client * DEVICES_EACH;
              List<Member> own = devices.subList(from, from + DEVICES_EACH);
              List<byte[]> packets =
                  own.stream().map(device -> Packets.connect(device.id().value())).toList();
              AtomicInteger turn = new AtomicInteger();
              return () -> {
                int device = turn.getAndIncrement() % DEVICES_EACH;
                connect(contender, own.get(device), packets.get(device));
                return true;
              };
            })
        .toList();
  }

  private static void connect(Contender contender, Member device, byte[] packet)
      throws IOException {
    try {
      Link.open(device, contender.address(), packet).close();
    } catch (IOException e) {
      throw new IOException(contender.name() + ": " + e.getMessage(), e);
    }
  }

  private static List<Figure> figures(List<Result> results) {
    Result guarded = results.get(0);
    List<Figure> figures = new ArrayList<>();
    for (Result other : results.subList(1, results.size())) {
      figures.add(ratio(guarded, other));
    }
    for (Result result : results) {
      String name = result.contender().name();
      figures.add(
          Figure.of(
              "brokerMicros." + name,
              result.brokerMicros(),
              "µs of %s's own processor time for a connect, beside %.0f µs of its client's",
              name,
              result.clientMicros()));
    }
    return figures;
  }

  private static Figure ratio(Result guarded, Result other) {
    String name = other.contender().name();
    String with =
        switch (name) {
          case "permit-all" -> "the same broker with a permit-all extension";
          case "stock" -> "stock HiveMQ CE on Java 17 without native cryptography";
          default -> "Mosquitto with revocation list, ACL pattern and set_tcp_nodelay";
        };
    Figure figure =
        Figure.of(
            "ratio." + name,
            guarded.perSecond() / other.perSecond(),
            "full mTLS connects/s through Guardbee's door (%.0f) ÷ %s (%.0f)",
            guarded.perSecond(),
            with,
            other.perSecond());
    return switch (name) {
      case "permit-all" -> figure.atLeast(WANTED_TO_PERMIT_ALL);
      case "stock" -> figure.atLeast(WANTED_TO_STOCK);
      default -> figure.atLeast(WANTED_TO_MOSQUITTO);
    };
  }
}
