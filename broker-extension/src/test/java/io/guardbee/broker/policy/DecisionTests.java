package io.guardbee.broker.policy;

import static io.guardbee.broker.policy.Texts.decide;
import static io.guardbee.broker.policy.Texts.rights;
import static io.guardbee.broker.policy.Texts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is allowed, what is denied, and which entry said so. */
class DecisionTests {

  private static final String DENY =
      rule(
          "allow:",
          "  - publish: devices/#",
          "  - subscribe: devices/#",
          "deny:",
          "  - publish: devices/+/secret",
          "  - subscribe: devices/d-9/#");

  @ParameterizedTest
  @CsvSource({
    "publish devices/d-1/x, ALLOWED, by allow publish devices/#",
    "publish devices/d-1/secret, DENIED, by deny publish devices/+/secret",
    "publish devices/d-1/secret retain, DENIED, by deny publish devices/+/secret",
    "publish other/x, UNCOVERED, nothing allows it",
    "subscribe devices/d-1/#, ALLOWED, by allow subscribe devices/#",
    "subscribe devices/d-9/x, DENIED, by deny subscribe devices/d-9/#",
    "subscribe devices/d-1/secret, ALLOWED, by allow subscribe devices/#",
  })
  void denialStandsAboveEveryLeave(String request, Decision.Why why, String words) {
    Decision decision = decide(DENY, request);
    assertThat(decision.why()).isEqualTo(why);
    assertThat(decision.words()).isEqualTo(words);
    assertThat(decision.allowed()).isEqualTo(why == Decision.Why.ALLOWED);
  }

  /** It would deliver what is denied. */
  @ParameterizedTest
  @CsvSource({
    "subscribe devices/#, DENIED",
    "subscribe devices/+/x, DENIED",
    "subscribe $share/g/devices/+/x, DENIED",
    "subscribe devices/d-9, DENIED",
    "subscribe devices/d-1/+, ALLOWED",
  })
  void subscriptionThatOverlapsADenialIsRefused(String request, Decision.Why why) {
    assertThat(decide(DENY, request).why()).isEqualTo(why);
  }

  @Test
  void orderOfAllowAndDenyMakesNoDifference() {
    String denyFirst = rule("deny:", "  - publish: a/b", "allow:", "  - publish: \"a/#\"");
    String allowFirst = rule("allow:", "  - publish: \"a/#\"", "deny:", "  - publish: a/b");
    assertThat(rights(denyFirst)).isEqualTo(rights(allowFirst));
    assertThat(rights(denyFirst).permissions().get(0).effect()).isEqualTo(Permission.Effect.DENY);
  }

  @ParameterizedTest
  @CsvSource({
    "0, ALLOWED",
    "1, ALLOWED",
    "2, QOS",
  })
  void qualityOfServiceIsLimited(int qos, Decision.Why why) {
    String limited =
        rule("allow:", "  - { publish: a, qos: [0, 1] }", "  - { subscribe: a, qos: [0, 1] }");
    assertThat(decide(limited, "publish a qos " + qos).why()).isEqualTo(why);
    assertThat(decide(limited, "subscribe a qos " + qos).why()).isEqualTo(why);
    assertThat(rights(limited).decidePublish("a", qos, false).why()).isEqualTo(why);
  }

  @Test
  void denialMayMeanOneQualityAlone() {
    String policy = rule("allow:", "  - publish: a", "deny:", "  - { publish: a, qos: 2 }");
    assertThat(decide(policy, "publish a qos 1").allowed()).isTrue();
    assertThat(decide(policy, "publish a qos 2").why()).isEqualTo(Decision.Why.DENIED);
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, false",
    "', retain: false', true, false",
    "', retain: true', true, true",
    "', retain: only', false, true",
  })
  void retainIsLimited(String said, boolean plain, boolean retained) {
    Rights rights = rights(rule("allow:", "  - { publish: a" + said + " }"));
    assertThat(rights.decidePublish("a", 0, false).allowed()).isEqualTo(plain);
    assertThat(rights.decidePublish("a", 0, true).allowed()).isEqualTo(retained);
  }

  @ParameterizedTest
  @CsvSource({
    "'', false, false",
    "', retain: false', false, true",
    "', retain: true', false, false",
    "', retain: only', true, false",
  })
  void denialWithoutAWordOnRetainDeniesBoth(String said, boolean plain, boolean retained) {
    Rights rights =
        rights(
            rule(
                "allow:",
                "  - { publish: a, retain: true }",
                "deny:",
                "  - { publish: a" + said + " }"));
    assertThat(rights.decidePublish("a", 0, false).allowed()).isEqualTo(plain);
    assertThat(rights.decidePublish("a", 0, true).allowed()).isEqualTo(retained);
  }

  @ParameterizedTest
  @CsvSource({
    "'subscribe: a/#', ALLOWED, ALLOWED, ALLOWED",
    "'subscribe: a/#, shared: true', ALLOWED, ALLOWED, ALLOWED",
    "'subscribe: a/#, shared: false', ALLOWED, SHARED, SHARED",
    "'subscribe: a/#, shared: only', SHARED, ALLOWED, ALLOWED",
    "'subscribe: $share/g/a/#', SHARED, ALLOWED, SHARED",
    "'subscribe: $share/g/a/#, shared: only', SHARED, ALLOWED, SHARED",
  })
  void sharedSubscriptionsAreLimited(
      String entry, Decision.Why plain, Decision.Why group, Decision.Why otherGroup) {
    String policy = rule("allow:", "  - { " + entry + " }");
    assertThat(decide(policy, "subscribe a/b").why()).isEqualTo(plain);
    assertThat(decide(policy, "subscribe $share/g/a/b").why()).isEqualTo(group);
    assertThat(decide(policy, "subscribe $share/h/a/b").why()).isEqualTo(otherGroup);
    assertThat(decide(policy, "subscribe a/b shared").why()).isEqualTo(otherGroup);
    assertThat(decide(policy, "subscribe $share/g/c").allowed()).isFalse();
  }

  @Test
  void oneGroupCanBeDenied() {
    String policy = rule("allow:", "  - subscribe: a/#", "deny:", "  - subscribe: $share/g/#");
    assertThat(decide(policy, "subscribe $share/g/a/b").why()).isEqualTo(Decision.Why.DENIED);
    assertThat(decide(policy, "subscribe $share/h/a/b").allowed()).isTrue();
    assertThat(decide(policy, "subscribe a/b").allowed()).isTrue();
  }

  @Test
  void whatIsNoTopicIsNotAllowed() {
    Rights all = rights(rule("allow:", "  - publish: \"#\"", "  - subscribe: \"#\""));
    for (String topic : new String[] {"", "a/+", "#", "a\0b"}) {
      assertThat(all.decidePublish(topic, 0, false).why()).isEqualTo(Decision.Why.MALFORMED);
    }
    for (String filter : new String[] {"", "a+", "$share/g", "$share//a", "$share/+/a", "a/#/b"}) {
      assertThat(all.decideSubscribe(filter, 0).why()).isEqualTo(Decision.Why.MALFORMED);
    }
    assertThat(all.decidePublish("$SYS/x", 0, false).allowed()).isFalse();
    assertThat(all.decideSubscribe("$SYS/#", 0).allowed()).isFalse();
    assertThat(all.decideSubscribe("$share/g/$SYS/#", 0).allowed()).isFalse();
  }

  @Test
  void listsOfFiltersAreAsManyEntries() {
    Rights rights = rights(rule("allow:", "  - publish: [a, \"b/${subject.CN}\"]"));
    assertThat(rights.permissions()).extracting(Permission::filter).containsExactly("a", "b/d-1");
  }

  @Test
  void decisionOnAPublishMakesNoObject() {
    Rights rights = rights(DENY);
    String[] topics = {"devices/d-1/telemetry/temperature", "devices/d-1/secret", "x/y", "a/+"};
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int allowed = ask(rights, topics); // loads the classes
    long before = threads.getCurrentThreadAllocatedBytes();
    allowed += ask(rights, topics);
    long octets = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allowed).isEqualTo(20_000);
    assertThat(octets).as("of 40,000 decisions").isLessThan(10_000);
  }

  private static int ask(Rights rights, String[] topics) {
    int allowed = 0;
    for (int i = 0; i < 10_000; i++) {
      for (String topic : topics) {
        allowed += rights.decidePublish(topic, 1, false).allowed() ? 1 : 0;
      }
    }
    return allowed;
  }
}
