package io.guardbee.bench.door;

import io.guardbee.bench.measure.Timings;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How long a revoked device stays connected while many others are, beside the two things that it
 * cannot be faster than: one durable commit and one message there and back.
 */
final class Revocations implements AutoCloseable {

  private static final int BEFORE = 20;
  private static final int EACH = 5;
  private static final double WANTED = 3;

  private final Stage stage;
  private final DurableCommit database;
  private final Member messenger;
  private final ExecutorService watcher = Executors.newSingleThreadExecutor();
  private final List<Long> closed = new ArrayList<>();
  private final List<Long> receipts = new ArrayList<>();
  private final List<Long> commits = new ArrayList<>();
  private final List<Long> roundTrips = new ArrayList<>();
  private final List<Long> looks = new ArrayList<>();
  private long rows;

  private Revocations(Stage stage) throws Exception {
    this.stage = stage;
    this.messenger = stage.roster().enrol("messenger", 1).get(0);
    this.database = DurableCommit.open(stage.up().guardbee());
  }

  static List<Figure> measure(Stage stage) throws Exception {
    List<Member> victims = stage.roster().enrol("victim", BEFORE + stage.plan().revocations());
    List<Member> many = stage.crowd();
    stage.say("opening " + many.size() + " connections");
    try (Revocations revocations = new Revocations(stage);
        Crowd crowd = Crowd.open(stage.guarded(), many)) {
      stage.say("revoking " + victims.size() + " devices, one after the other");
      revocations.run(victims);
      return revocations.figures(crowd.alive(), many.size());
    }
  }

  private void run(List<Member> victims) throws Exception {
    List<Link> links = new ArrayList<>();
    try (Link other = connect(messenger)) {
      for (Member victim : victims) {
        links.add(connect(victim));
      }
      for (int i = 0; i < victims.size(); i++) {
        if (i == BEFORE) { // those before only warm up
          List.of(closed, receipts, commits, roundTrips, looks).forEach(List::clear);
        }
        revoke(victims.get(i), links.get(i));
        compare(other);
      }
    } finally {
      for (Link link : links) {
        link.close();
      }
    }
  }

  private Link connect(Member device) throws IOException {
    return Link.open(device, stage.guarded().address(), Packets.connect(device.id().value()));
  }

  private void revoke(Member victim, Link link) throws IOException, InterruptedException {
    Future<Long> end =
        watcher.submit(
            () -> {
              link.awaitEnd();
              return System.nanoTime();
            });
    long start = System.nanoTime();
    stage.service().revoke(victim.id());
    receipts.add(System.nanoTime() - start);
    try {
      closed.add(end.get() - start);
    } catch (ExecutionException e) {
      throw new IOException("the connection of " + victim.id() + " did not end", e.getCause());
    }
  }

  /** What it is compared with, between two revocations. */
  private void compare(Link other) throws Exception {
    byte[] message = Packets.publishAtLeastOnce(messenger.topic(), 1, new byte[] {'1'});
    for (int i = 0; i < EACH; i++) {
      long start = System.nanoTime();
      database.commit(++rows);
      long committed = System.nanoTime();
      other.send(message);
      other.awaitAcknowledgement();
      long answered = System.nanoTime();
      stage.service().look(messenger.id());
      looks.add(System.nanoTime() - answered);
      commits.add(committed - start);
      roundTrips.add(answered - committed);
    }
  }

  private List<Figure> figures(int alive, int crowd) {
    Timings end = new Timings(closed);
    double least = new Timings(commits).percentile(50) + new Timings(roundTrips).percentile(50);
    return List.of(
        ratio(end, 50, least, crowd),
        ratio(end, 99, least, crowd),
        Figure.of("closedMillis.p50", end.percentile(50), "ms from request to closed, p50"),
        Figure.of("closedMillis.p99", end.percentile(99), "ms from request to closed, p99"),
        Figure.of(
            "receiptMillis.p50",
            new Timings(receipts).percentile(50),
            "ms from request to receipt, p50"),
        Figure.of(
            "commitMillis.p50", new Timings(commits).percentile(50), "ms for one durable commit"),
        Figure.of(
            "roundTripMillis.p50",
            new Timings(roundTrips).percentile(50),
            "ms for a QoS 1 publish and its acknowledgement"),
        Figure.of(
            "requestMillis.p50",
            new Timings(looks).percentile(50),
            "ms for a request to the service that changes nothing (in the time above, not in what"
                + " it is divided by)"),
        Figure.of("alive", alive, "connections of %,d others that still answer", crowd)
            .atLeast(crowd));
  }

  private static Figure ratio(Timings end, int percent, double least, int crowd) {
    return Figure.of(
            "ratio.p" + percent,
            end.percentile(percent) / least,
            "revoke request to closed connection, p%d of %d (%.2f ms), %,d others connected ÷ one"
                + " durable commit and one MQTT round trip, p50 each (%.2f ms)",
            percent,
            end.count(),
            end.percentile(percent),
            crowd,
            least)
        .atMost(WANTED);
  }

  @Override
  public void close() throws IOException, SQLException {
    watcher.shutdownNow();
    database.close();
  }
}
