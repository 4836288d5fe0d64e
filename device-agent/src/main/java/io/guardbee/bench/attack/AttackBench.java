package io.guardbee.bench.attack;

import io.guardbee.bench.attack.Client.Noticed;
import io.guardbee.bench.measure.BenchEnvironment;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs each attack that is wanted against a {@code guardbee up} of its own. */
final class AttackBench {

  private final Guardbee launcher;
  private final Plan plan;
  private final PrintWriter narration;

  /**
   * How much of everything.
   *
   * @param connections that the attacker holds open
   * @param seconds each measurement takes
   */
  record Plan(int connections, long seconds) {

    Plan {
      if (connections < 1 || seconds < 1) {
        throw new IllegalArgumentException("give numbers of at least 1");
      }
    }
  }

  AttackBench(Guardbee launcher, Plan plan, PrintWriter narration) {
    this.launcher = launcher;
    this.plan = plan;
    this.narration = narration;
  }

  /**
   * Attacks and measures.
   *
   * @throws RefusedException when the target ended, or a client was not served at all
   */
  AttackFigures run(Set<Section> wanted) throws Exception {
    Map<String, String> environment = BenchEnvironment.of(); // before we add to the load
    environment.put("connections", plan.connections() + " held by the attacker");
    Map<Section, List<AttackFigure>> figures = new EnumMap<>(Section.class);
    say("starting a guardbee up in a temporary home");
    try (RunningUp up = launcher.inTemporaryHome().up()) {
      Target target = Target.of(up, InstantSource.system());
      for (Section section : wanted) {
        say(section + ": " + plan.connections() + " connections");
        figures.put(section, attack(section, target));
      }
    }
    return new AttackFigures(figures, environment);
  }

  private List<AttackFigure> attack(Section section, Target target) throws Exception {
    return switch (section) {
      case TLS_HELLO -> new TlsHelloAttack(target, plan).run();
      case HTTP_BODIES -> BodiesAttack.overHttp(target, plan).run();
      case HTTPS_BODIES -> BodiesAttack.overHttps(target, plan).run();
    };
  }

  /** The least that is asked of the target: it lives, and each of these clients got an answer. */
  static void requireServed(String when, List<Noticed> clients, Target target) {
    if (!target.isAlive()) {
      throw new RefusedException(
          Reason.SERVICE_UNREACHABLE, when + ", the target ended", "see its log");
    }
    for (Noticed client : clients) {
      if (client.served().isEmpty()) {
        throw new RefusedException(
            Reason.SERVICE_UNREACHABLE,
            when + ", a client was not served at all: " + client.lastFailure(),
            "see the target's log");
      }
    }
  }

  private void say(String what) {
    narration.println(what);
    narration.flush();
  }
}
