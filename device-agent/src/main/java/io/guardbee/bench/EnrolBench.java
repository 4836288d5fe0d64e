package io.guardbee.bench;

import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.EnrolFigures.Measured;
import io.guardbee.bench.measure.BenchEnvironment;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.RunningUp;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;

/**
 * Measures enrolment and renewal on one running Guardbee; clients and server share this machine.
 */
final class EnrolBench {

  private static final int MOST_A_SECOND = 5000;
  private static final int ROUNDS = 3;

  private final Plan plan;
  private final PrintWriter narration;
  private final Endpoints endpoints;
  private final ServerTrust trust;
  private final Candidates candidates;
  private final BlockingQueue<Member> members = new ArrayBlockingQueue<>(MOST_A_SECOND);

  /** A device that has a certificate. */
  private record Member(KeyPair key, X509Certificate certificate) {}

  /**
   * How it is measured.
   *
   * @param home whose agent token signs for comparison
   * @param clients at one time
   * @param seconds each rate is measured
   * @param warmUp seconds before that, without measuring
   * @param certificates that the database is grown to for the last figure; 0 leaves it out
   */
  record Plan(Path home, int clients, long seconds, long warmUp, int certificates) {}

  EnrolBench(RunningUp up, Plan plan, PrintWriter narration) throws IOException {
    this.plan = plan;
    this.narration = narration;
    this.endpoints = up.endpoints();
    this.trust = Fleet.trust(endpoints);
    this.candidates = new Candidates(up.guardbee());
  }

  EnrolFigures run() throws Exception {
    var environment = BenchEnvironment.of();
    say("warming up");
    stock(plan.warmUp());
    kept(plan.warmUp());
    Rate[] limit = {new Rate(0, 0)};
    Measured[] measured = {Measured.none(), Measured.none(), Measured.none()};
    try (SigningLimit bare = new SigningLimit(plan.home())) {
      bare.run(plan.clients(), plan.warmUp());
      for (int round = 0; round < ROUNDS; round++) { // in turn: other work meets all of them
        long seconds = Math.max(1, plan.seconds() / ROUNDS);
        say("round " + (round + 1) + " of " + ROUNDS + ": making keys and tokens");
        stock(2 * seconds);
        say("verifying, building and signing alone");
        limit[0] = limit[0].plus(bare.run(plan.clients(), seconds));
        say("enrolling on kept connections");
        measured[0] = measured[0].plus(kept(seconds));
        say("enrolling with a connection each");
        measured[1] = measured[1].plus(connectionEach(seconds));
        say("renewing");
        measured[2] = measured[2].plus(renewals(seconds));
      }
    }
    return new EnrolFigures(
        plan.clients(), limit[0], measured[0], measured[1], measured[2], grown(), environment);
  }

  /** The same rate in a small and in a large database, one after the other. */
  private Optional<EnrolFigures.Growth> grown() throws Exception {
    if (plan.certificates() == 0) {
      return Optional.empty();
    }
    int small = candidates.enrolled();
    stock(plan.seconds());
    Measured before = kept(plan.seconds());
    say("growing the database to " + plan.certificates() + " certificates");
    candidates.growTo(plan.certificates());
    stock(plan.warmUp() + plan.seconds());
    kept(plan.warmUp());
    Measured after = kept(plan.seconds());
    return Optional.of(new EnrolFigures.Growth(small, before, candidates.enrolled(), after));
  }

  private void stock(long seconds) throws IOException {
    candidates.stock((int) (seconds * MOST_A_SECOND));
  }

  private Measured kept(long seconds) throws Exception {
    List<EstConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < plan.clients(); i++) {
        connections.add(new EstConnection(endpoints.https(), trust.service()));
      }
      return measure(seconds, number -> enrol(connections.get(number)));
    } finally {
      for (EstConnection connection : connections) {
        connection.close();
      }
    }
  }

  private Measured connectionEach(long seconds) throws InterruptedException {
    return measure(
        seconds,
        number -> {
          // a context of its own: no TLS session to resume, as with as many devices
          try (EstConnection connection = new EstConnection(endpoints.https(), trust.service())) {
            return enrol(connection);
          }
        });
  }

  private boolean enrol(EstConnection connection) throws IOException {
    Candidate next = candidates.next();
    if (next == null) {
      return false;
    }
    byte[] answer = connection.enroll(next);
    if (members.remainingCapacity() > 0) {
      boolean unused = members.offer(new Member(next.keys(), EstConnection.certificate(answer)));
    }
    return true;
  }

  private Measured renewals(long seconds) throws InterruptedException {
    return measure(
        seconds,
        number -> {
          Member member = members.poll();
          Candidate next = member == null ? null : candidates.next();
          if (member == null || next == null) {
            return false;
          }
          ClientIdentity identity =
              new ClientIdentity(member.key().getPrivate(), List.of(member.certificate()));
          try (EstConnection connection =
              new EstConnection(endpoints.https(), trust.service(identity))) {
            connection.reenroll(next.nameless());
            return true;
          }
        });
  }

  /** What client number so-and-so does once. */
  private interface Step {
    boolean once(int number) throws Exception;
  }

  private Measured measure(long seconds, Step step) throws InterruptedException {
    List<List<Long>> nanos =
        IntStream.range(0, plan.clients()).<List<Long>>mapToObj(i -> new ArrayList<>()).toList();
    Rate rate =
        Workers.run(
            IntStream.range(0, plan.clients())
                .mapToObj(
                    number ->
                        (Workers.Work)
                            () -> {
                              long start = System.nanoTime();
                              boolean done = step.once(number);
                              if (done) {
                                nanos.get(number).add(System.nanoTime() - start);
                              }
                              return done;
                            })
                .toList(),
            seconds);
    List<Long> all = new ArrayList<>();
    nanos.forEach(all::addAll);
    return new Measured(rate, all);
  }

  private void say(String what) {
    narration.println(what);
    narration.flush();
  }
}
