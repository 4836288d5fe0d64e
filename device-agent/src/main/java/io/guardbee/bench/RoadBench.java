package io.guardbee.bench;

import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.Enrolments.Member;
import io.guardbee.bench.Revocations.Measured;
import io.guardbee.bench.broker.PermitAllBroker;
import io.guardbee.bench.measure.BenchEnvironment;
import io.guardbee.bench.measure.WarmUp;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.RunningUp;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Measures the road on one running Guardbee; clients and servers share this machine. */
final class RoadBench {

  private static final int CLIENTS = 4;
  private static final int REVOCATIONS = 200;
  private static final int REVOCATIONS_BEFORE = 20;
  private static final int MOST_ENROLMENTS_A_SECOND = 600;
  private static final int ROUNDS = 4;

  private final RunningUp up;
  private final Lengths lengths;
  private final InstantSource clock;
  private final PrintWriter narration;

  /**
   * How long things take.
   *
   * @param seconds each rate is measured
   * @param warmUp seconds before that, at least, without measuring
   */
  record Lengths(long seconds, long warmUp) {}

  RoadBench(RunningUp up, Lengths lengths, InstantSource clock, PrintWriter narration) {
    this.up = up;
    this.lengths = lengths;
    this.clock = clock;
    this.narration = narration;
  }

  RoadFigures run() throws IOException, InterruptedException {
    Map<String, String> environment = BenchEnvironment.of(); // before we add to the load
    Endpoints endpoints = up.endpoints();
    ServerTrust trust = Fleet.trust(endpoints);
    say("making keys, requests and tokens");
    int measured = (int) lengths.seconds() * MOST_ENROLMENTS_A_SECOND;
    int warming = (int) lengths.warmUp() * MOST_ENROLMENTS_A_SECOND;
    int reserve = CLIENTS + REVOCATIONS_BEFORE + REVOCATIONS + 1;
    List<Candidate> candidates =
        Fleet.candidates(up.guardbee(), "bench", warming + measured + reserve);
    Enrolments enrolments = new Enrolments(endpoints.https(), trust, candidates, CLIENTS);
    say("enrolments: warming up");
    WarmUp.run(lengths.warmUp(), seconds -> enrolments.run(seconds, measured + reserve));
    say("enrolments: measuring");
    Rate enrolled = enrolments.run(lengths.seconds(), reserve);
    Rate[] connects = connects(endpoints, trust, enrolments.take(CLIENTS));
    Measured revocations = revocations(endpoints, trust, enrolments);
    return new RoadFigures(enrolled, CLIENTS, connects[0], connects[1], revocations, environment);
  }

  /** Both brokers in turn, so that whatever else the machine does meets both. */
  private Rate[] connects(Endpoints endpoints, ServerTrust trust, List<Member> devices)
      throws IOException, InterruptedException {
    try (PermitAllBroker other = PermitAllBroker.start(up)) {
      Connects guarded = new Connects(endpoints.mqtts(), trust, devices, clock);
      Connects open = new Connects(other.address(), trust, devices, clock);
      say("connects: warming up");
      WarmUp.run(lengths.warmUp(), seconds -> guarded.run(seconds).plus(open.run(seconds)));
      say("connects: measuring");
      return rounds(guarded, open, lengths.seconds());
    }
  }

  private static Rate[] rounds(Connects guarded, Connects open, long seconds)
      throws InterruptedException {
    Rate[] total = {new Rate(0, 0), new Rate(0, 0)};
    for (int round = 0; round < ROUNDS; round++) {
      long each = Math.max(1, seconds / ROUNDS);
      // whoever comes second finds the clients a little warmer: take turns
      if (round % 2 == 0) {
        total[0] = total[0].plus(guarded.run(each));
        total[1] = total[1].plus(open.run(each));
      } else {
        total[1] = total[1].plus(open.run(each));
        total[0] = total[0].plus(guarded.run(each));
      }
    }
    return total;
  }

  private Measured revocations(Endpoints endpoints, ServerTrust trust, Enrolments enrolments)
      throws IOException, InterruptedException {
    say("revocations");
    Operator operator = new Operator(endpoints, trust);
    Member other = enrolments.take(1).get(0);
    try (Revocations revocations = new Revocations(endpoints.mqtts(), trust, operator, clock)) {
      revocations.run(enrolments.take(REVOCATIONS_BEFORE), other);
      return revocations.run(enrolments.take(REVOCATIONS), other);
    }
  }

  private void say(String what) {
    narration.println(what);
    narration.flush();
  }
}
