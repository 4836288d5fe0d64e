package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.IndexForTests;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A device connects by its old and its new certificate while it is revoked, suspended, reinstated
 * and renewed, and while the policy changes, thousands of times: in whatever order the steps fall,
 * nobody stays in who must not, nobody is kept out who may come in, and no session outlives its
 * device.
 */
class DoorRaceTests {

  /** The benchmark, which has more time, sets the property. */
  private static final int ROUNDS = Integer.getInteger("guardbee.race.rounds", 1000);

  private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");
  private static final Policy FIRST = policy("a");
  private static final Policy SECOND = policy("b");

  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
  private volatile Policy policy = FIRST;
  private long events;

  @TempDir Path folder = Path.of("");

  private static Policy policy(String topic) {
    return Policy.parse(
        """
        version: 1
        rules:
          - name: all
            when: { subject.OU: sensor }
            clientId: "${subject.CN}"
            allow:
              - publish: "%s/${subject.CN}"
        """
            .formatted(topic),
        "policy");
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    scheduler.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyIsInWhoMustNotBeAndNobodyOutWhoMay(long seed) throws Exception {
    Random random = new Random(seed);
    StandInHouse house = new StandInHouse(folder, () -> policy, scheduler);
    LiveConnections live = house.live;
    StandInBroker broker = house.broker;
    int in = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      Visitor before = visitor(round, 2 * round);
      Visitor renewed = visitor(round, 2 * round + 1);
      Set<Visitor> blocked = new HashSet<>();
      CyclicBarrier together = new CyclicBarrier(4);
      List<Future<Boolean>> connects = new ArrayList<>();
      for (Visitor visitor : List.of(before, renewed)) {
        int lead = random.nextInt(400);
        int lag = random.nextInt(400);
        connects.add(
            threads.submit(
                () -> {
                  together.await();
                  StandInHouse.spin(lead);
                  return house.connect(visitor, lag);
                }));
      }
      List<String> fate = fate(random);
      int lead = random.nextInt(800);
      Future<?> status =
          threads.submit(
              () -> {
                together.await();
                StandInHouse.spin(lead);
                for (String change : fate) {
                  befall(house, change, before, renewed, blocked);
                }
                return null;
              });
      together.await();
      policy = random.nextBoolean() ? FIRST : SECOND;
      live.all().forEach(house.changes::reconsider);
      for (Future<Boolean> connect : connects) {
        in += connect.get(5, TimeUnit.MINUTES) ? 1 : 0;
      }
      status.get(5, TimeUnit.MINUTES);
      String what = "round " + round + " of seed " + seed + ": " + fate;
      String last = fate.get(fate.size() - 1);
      assertAllIsRight(house, what, blocked, last.equals("revoked") || last.equals("suspended"));
      assertThat(house.connect(renewed, 0))
          .as("%s, connecting again", what)
          .isEqualTo(!blocked.contains(renewed));
      broker.leave(before.name());
      assertThat(live.size()).as(what).isZero();
    }
    assertThat(in).as("both orders happened").isBetween(1, 2 * ROUNDS - 1);
  }

  /** What a service may say of one device, one after the other. */
  private static List<String> fate(Random random) {
    List<String> fate = new ArrayList<>();
    int length = 1 + random.nextInt(4);
    while (fate.size() < length && !fate.contains("revoked")) {
      fate.add(List.of("revoked", "suspended", "active", "superseded").get(random.nextInt(4)));
    }
    return fate;
  }

  private void befall(
      StandInHouse house, String change, Visitor before, Visitor renewed, Set<Visitor> blocked)
      throws Exception {
    List<Visitor> of = change.equals("superseded") ? List.of(before) : List.of(before, renewed);
    List<BlockedCertificate> certificates =
        of.stream().map(v -> new BlockedCertificate(v.key(), v.name(), change, UNTIL)).toList();
    IndexForTests.apply(house.index, ++events, change, certificates);
    if (change.equals("active")) {
      of.forEach(blocked::remove);
    } else {
      blocked.addAll(of);
      Evictor.Begun begun = house.bouncer.evict(certificates);
      int unused = begun.closed().get(5, TimeUnit.MINUTES);
      begun.deletion().sessions().get(5, TimeUnit.MINUTES);
    }
  }

  private void assertAllIsRight(
      StandInHouse house, String what, Set<Visitor> blocked, boolean isOut) {
    house
        .broker
        .connected()
        .forEach(
            connection -> {
              assertThat(blocked).as(what).doesNotContain(connection.visitor());
              assertThat(((StandInGrip) connection.grip()).rights())
                  .as("%s, rights in force", what)
                  .isEqualTo(policy.rightsOf(connection.visitor().attributes()));
            });
    assertThat(house.live.size()).as(what).isEqualTo(house.broker.connected().size());
    if (isOut) {
      assertThat(house.broker.sessions()).as("%s, sessions", what).isEmpty();
    }
  }

  private static Visitor visitor(int device, int serial) {
    return StandInHouse.visitor("d-" + device, serial);
  }
}
