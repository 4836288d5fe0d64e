package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.PolicyAnswer.Affected;
import io.guardbee.broker.status.Instructions.PolicyOrder;
import io.guardbee.broker.status.Instructions.PolicyOrder.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the service orders, with very many connections in. */
class PolicyDeskTests {

  private static final int DEVICES = 10_000;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: "a/${subject.CN}"
      """;

  @TempDir Path folder = Path.of("");
  private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
  private PolicyInForce policy;
  private StandInHouse house;
  private PolicyDesk desk;

  @BeforeEach
  void begin() throws IOException {
    Path file = Files.writeString(folder.resolve("policy.yaml"), POLICY);
    policy = PolicyInForce.open(file, folder, 0);
    house = new StandInHouse(folder, policy::current, policy::refused, executor);
    desk = new PolicyDesk(policy, house.live, house.changes, house.told, executor);
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private PolicyAnswer order(long version, Mode mode, String text) {
    int before = house.told.answers().size();
    desk.carryOut(new PolicyOrder(version, mode, text));
    Awaitility.await().until(() -> house.told.answers().size() > before);
    return house.told.answers().get(before);
  }

  @Test
  void thousandsAreChangedListedUpToABoundAndCountedExactly() throws Exception {
    for (int i = 0; i < DEVICES; i++) {
      assertThat(house.connect(StandInHouse.visitor("d-" + i, i + 1), 0)).isTrue();
    }
    String other = POLICY.replace("a/", "b/");
    PolicyAnswer foreseen = order(1, Mode.FORESEE, other);
    assertThat(foreseen.outcome()).isEqualTo("foreseen");
    assertThat(foreseen.connections()).isEqualTo(DEVICES);
    assertThat(foreseen.affectedCount()).isEqualTo(DEVICES);
    assertThat(foreseen.affected()).hasSize(Effects.MOST_LISTED);
    Affected one = foreseen.affected().get(0);
    assertThat(one.lost()).containsExactly("publish a/" + one.deviceId());
    assertThat(one.gained()).containsExactly("publish b/" + one.deviceId());
    assertThat(publishing("a/")).as("nothing has changed").isEqualTo(DEVICES);

    PolicyAnswer applied = order(2, Mode.ENFORCE, other);
    assertThat(applied.outcome()).isEqualTo("applied");
    assertThat(applied.affectedCount()).isEqualTo(DEVICES);
    assertThat(publishing("b/")).isEqualTo(DEVICES);

    assertThat(order(2, Mode.ENFORCE, other).affectedCount()).as("told again").isZero();

    PolicyAnswer refused = order(3, Mode.ENFORCE, other + "nonsense: 1\n");
    assertThat(refused.outcome()).isEqualTo("refused");
    assertThat(refused.detail()).contains("nonsense");
    assertThat(publishing("b/")).isEqualTo(DEVICES);

    PolicyAnswer out = order(4, Mode.ENFORCE, other.replace("OU: sensor", "OU: probe"));
    assertThat(out.affectedCount()).isEqualTo(DEVICES);
    assertThat(out.affected().get(0).lost()).containsExactly("connect");
    Awaitility.await().until(() -> house.live.size() == 0);
    assertThat(house.broker.sessions()).as("no identity is out").hasSize(DEVICES);
  }

  @Test
  void nodeThatRefusesWhatIsInForceKeepsItsConnectionsAndTakesNoNewOnes() throws Exception {
    assertThat(house.connect(StandInHouse.visitor("d-1", 1), 0)).isTrue();
    assertThat(order(1, Mode.FORESEE, "broken").outcome()).isEqualTo("refused");
    assertThat(house.connect(StandInHouse.visitor("d-2", 2), 0)).as("not in force").isTrue();
    assertThat(order(2, Mode.ENFORCE, POLICY + "nonsense: 1\n").outcome()).isEqualTo("refused");
    assertThat(house.connect(StandInHouse.visitor("d-3", 3), 0)).isFalse();
    assertThat(publishing("a/")).as("those that are in").isEqualTo(2);
    assertThat(order(3, Mode.ENFORCE, POLICY).outcome()).isEqualTo("applied");
    assertThat(house.connect(StandInHouse.visitor("d-3", 3), 0)).isTrue();
  }

  private long publishing(String prefix) {
    return house.live.all().stream()
        .filter(
            connection -> {
              Rights rights = ((StandInGrip) connection.grip()).rights();
              return rights != null
                  && rights.decidePublish(prefix + connection.clientId(), 0, false).allowed();
            })
        .count();
  }
}
