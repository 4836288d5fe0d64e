package io.guardbee.broker.policy;

import static io.guardbee.broker.policy.Texts.assertRefused;
import static io.guardbee.broker.policy.Texts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which policy decides: the file's, or a version of the service, across restarts. */
class PolicyInForceTests {

  private static final String FIRST = named("first");
  private static final String SECOND = named("second");
  private static final String THIRD = named("third");

  private final Path file;
  private final Path data;

  PolicyInForceTests(@TempDir Path folder) {
    this.file = folder.resolve("policy.yaml");
    this.data = folder.resolve("data");
  }

  private static String named(String name) {
    return rule().replace("name: sensors", "name: " + name);
  }

  @BeforeEach
  void writeFile() throws IOException {
    Files.writeString(file, FIRST);
  }

  private PolicyInForce open() {
    return open(0);
  }

  private PolicyInForce open(long told) {
    return PolicyInForce.open(file, data, told);
  }

  private static String rule1(Policy policy) {
    return policy.ruleNames().get(0);
  }

  @Test
  void fileDecidesAndIsFollowedUntilTheServiceHasSpoken() throws IOException {
    PolicyInForce policy = open();
    assertThat(rule1(policy.current())).isEqualTo("first");
    assertThat(policy.version()).isZero();
    assertThat(policy.refresh()).isFalse();
    Files.writeString(file, SECOND);
    assertThat(policy.refresh()).isTrue();
    assertThat(rule1(policy.current())).isEqualTo("second");
    Files.writeString(file, SECOND + "nonsense: true\n");
    assertThat(policy.refresh()).isFalse();
    assertThat(rule1(policy.current())).isEqualTo("second");

    assertThat(policy.enforce(7, THIRD)).isTrue();
    assertThat(rule1(policy.current())).isEqualTo("third");
    assertThat(policy.version()).isEqualTo(7);
    Files.writeString(file, FIRST);
    assertThat(policy.refresh()).isFalse();
    assertThat(rule1(policy.current())).isEqualTo("third");
  }

  @Test
  void versionsOfTheServiceOutliveARestartAndABrokenFile() throws IOException {
    PolicyInForce before = open();
    before.enforce(3, SECOND);
    before.observe(4, THIRD);
    Files.writeString(file, "broken");
    PolicyInForce after = open();
    assertThat(after.enforced().number()).isEqualTo(3);
    assertThat(after.current().text()).isEqualTo(SECOND);
    assertThat(after.observedVersion()).isEqualTo(4);
    assertThat(after.observed()).hasValueSatisfying(p -> assertThat(p.text()).isEqualTo(THIRD));
    assertThat(after.isLost()).isFalse();
  }

  @Test
  void observationBeforeTheFirstVersionOutlivesARestart() {
    open().observe(1, SECOND);
    PolicyInForce after = open();
    assertThat(rule1(after.current())).isEqualTo("first");
    assertThat(after.version()).isZero();
    assertThat(after.observedVersion()).isEqualTo(1);
  }

  @Test
  void sameToldAgainChangesNothing() {
    PolicyInForce policy = open();
    assertThat(policy.enforce(1, SECOND)).isTrue();
    Policy current = policy.current();
    assertThat(policy.enforce(1, SECOND)).isFalse();
    assertThat(policy.current()).isSameAs(current);
    assertThat(policy.observe(2, THIRD)).isTrue();
    assertThat(policy.observe(2, THIRD)).isFalse();
    assertThat(policy.withdraw(1)).isFalse();
    assertThat(policy.withdraw(2)).isTrue();
    assertThat(policy.withdraw(2)).isFalse();
    assertThat(policy.observed()).isEmpty();
    assertThat(policy.enforce(1, THIRD)).as("a restored service may count anew").isTrue();
  }

  @Test
  void promotionEndsTheObservation() {
    PolicyInForce policy = open();
    policy.enforce(1, FIRST);
    policy.observe(2, SECOND);
    policy.enforce(3, THIRD);
    assertThat(policy.observedVersion()).isEqualTo(2);
    policy.enforce(2, SECOND);
    assertThat(policy.observedVersion()).isZero();
    assertThat(rule1(policy.current())).isEqualTo("second");
    assertThat(open().observing()).isEmpty();
  }

  @Test
  void badVersionLeavesAllAsItIs() {
    PolicyInForce policy = open();
    policy.enforce(1, SECOND);
    String broken = SECOND + "nonsense: true\n";
    assertRefused(() -> policy.enforce(2, broken), Reason.POLICY_INVALID, "version 2", "nonsense");
    assertRefused(() -> policy.observe(2, broken), Reason.POLICY_INVALID, "nonsense");
    assertRefused(() -> policy.foresee(2, broken), Reason.POLICY_INVALID, "nonsense");
    assertRefused(() -> policy.enforce(0, THIRD), Reason.POLICY_INVALID, "version 0");
    assertThat(policy.foresee(2, THIRD).text()).isEqualTo(THIRD);
    assertThat(policy.version()).isEqualTo(1);
    assertThat(policy.observed()).isEmpty();
    assertThat(open().version()).isEqualTo(1);
  }

  /** Restarts included; and until some version of the service is in force. */
  @Test
  void versionInForceThatIsNotTakenIsRemembered() {
    PolicyInForce policy = open();
    assertThat(policy.refused()).isEmpty();
    policy.enforce(1, SECOND);
    policy.observe(9, FIRST);
    assertRefused(
        () -> policy.enforce(2, SECOND + "nonsense: true\n"), Reason.POLICY_INVALID, "nonsense");
    assertRefused(() -> policy.foresee(3, "broken"), Reason.POLICY_INVALID);
    PolicyInForce after = open();
    for (PolicyInForce one : new PolicyInForce[] {policy, after}) {
      assertThat(one.refused())
          .hasValueSatisfying(
              refused -> {
                assertThat(refused.number()).isEqualTo(2);
                assertThat(refused.reason()).contains("nonsense");
              });
      assertThat(rule1(one.current())).as("for open connections").isEqualTo("second");
    }
    after.withdraw(9);
    assertThat(after.refused()).isPresent();
    assertThat(after.enforce(1, SECOND)).as("rolled back").isFalse();
    assertThat(after.refused()).isEmpty();
    assertThat(open().refused()).isEmpty();
  }

  @Test
  void fileGoesOnToDecideForOpenConnectionsWhereTheFirstVersionIsNotTaken() throws IOException {
    PolicyInForce policy = open();
    assertRefused(() -> policy.enforce(1, "broken"), Reason.POLICY_INVALID);
    PolicyInForce after = open();
    Files.writeString(file, SECOND);
    assertThat(after.refresh()).isTrue();
    assertThat(after.refused()).isPresent();
  }

  /** After a restart it would decide otherwise. */
  @Test
  void whatCannotBeKeptDoesNotDecide() throws IOException {
    PolicyInForce policy = open();
    Files.writeString(data, "in the way of the folder");
    assertRefused(() -> policy.enforce(1, SECOND), Reason.STORAGE_FAILED, "policy.json");
    assertThat(rule1(policy.current())).isEqualTo("first");
    assertThat(policy.refused()).as("held in memory").isPresent();
    Files.delete(data);
    assertThat(policy.enforce(1, SECOND)).isTrue();
    assertThat(policy.refused()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"\"version\":5,\"version\":6", "second,secont", "},|", "format\":1,format\":2"})
  void damagedVersionIsNotUsed(String what, String by) throws IOException {
    open().enforce(5, SECOND);
    Path kept = data.resolve("policy.json");
    String text = Files.readString(kept);
    String altered = by.equals("|") ? text.substring(0, text.length() / 2) : text.replace(what, by);
    assertThat(altered).isNotEqualTo(text);
    Files.writeString(kept, altered);
    for (long told : new long[] {0, 5}) {
      checkLost(open(told), told, "policy.json", "is lost");
    }
    PolicyInForce after = open(5);
    after.enforce(5, SECOND);
    assertThat(after.isLost()).isFalse();
    assertThat(after.refused()).isEmpty();
    assertThat(open(5).version()).isEqualTo(5);
  }

  /** The file beside the broker allows what the service's version may not. */
  private void checkLost(PolicyInForce policy, long told, String... reason) throws IOException {
    assertThat(policy.isLost()).isTrue();
    assertThat(policy.told()).isEqualTo(told);
    assertThat(policy.version()).isZero();
    assertThat(policy.current().ruleNames()).isEmpty();
    Files.writeString(file, THIRD);
    assertThat(policy.refresh()).isFalse();
    assertThat(policy.current().ruleNames()).isEmpty();
    assertThat(policy.refused())
        .hasValueSatisfying(
            refused -> {
              assertThat(refused.number()).isEqualTo(told);
              assertThat(refused.reason()).contains(reason);
            });
  }

  @Test
  void versionThatWasToldAndIsMissingIsLostUntilItIsToldAgain() throws IOException {
    open().enforce(5, SECOND);
    Files.delete(data.resolve("policy.json"));
    checkLost(open(5), 5, "does not exist");
    PolicyInForce after = open(5);
    after.observe(6, FIRST);
    assertThat(after.refused()).as("an observation is no policy").isPresent();
    assertThat(after.isLost()).isTrue();
    assertThat(open(5).refused()).as("after a restart, too").isPresent();
    assertRefused(() -> after.enforce(5, "broken"), Reason.POLICY_INVALID);
    assertThat(after.refused()).isPresent();
    after.enforce(5, SECOND);
    assertThat(after.refused()).isEmpty();
    assertThat(open(5).isLost()).isFalse();
  }

  /** Kept from before the first version came into force. */
  @Test
  void fileThatHoldsNoVersionToEnforceIsNoneWhereOneWasTold() throws IOException {
    open().observe(1, SECOND);
    assertThat(open(0).isLost()).isFalse();
    checkLost(open(5), 5, "no version to enforce");
  }

  @Test
  void fileDecidesAgainWhereTheServiceSaysThatItHasNone() throws IOException {
    PolicyInForce policy = open(5);
    Files.writeString(file, "broken");
    assertRefused(policy::noneInForce, Reason.POLICY_INVALID);
    assertThat(policy.refused()).isPresent();
    Files.writeString(file, SECOND);
    policy.noneInForce();
    assertThat(policy.refused()).isEmpty();
    assertThat(policy.isLost()).isFalse();
    assertThat(policy.told()).isZero();
    assertThat(rule1(policy.current())).isEqualTo("second");
    policy.enforce(6, THIRD);
    policy.noneInForce();
    assertThat(policy.version()).as("what is in force stays").isEqualTo(6);
  }

  @Test
  void lostVersionNeedsNoFile() throws IOException {
    Files.delete(file);
    assertThat(open(5).isLost()).isTrue();
  }

  @Test
  void withoutAnyGoodPolicyThereIsNoStart() throws IOException {
    Files.writeString(file, "broken");
    assertRefused(this::open, Reason.POLICY_INVALID, "policy.yaml");
    Files.delete(file);
    assertRefused(this::open, Reason.POLICY_INVALID, "cannot read");
  }
}
