package io.guardbee.broker.policy;

import static io.guardbee.broker.policy.Texts.rights;
import static io.guardbee.broker.policy.Texts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody loses and gains, in words. */
class RightsChangeTests {

  private static RightsChange change(String before, String after) {
    return rights(rule(before.split("\\|"))).changeTo(rights(rule(after.split("\\|"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "allow: [{publish: a}]; allow: [{publish: b}]; publish a; publish b",
        "allow: [{publish: a/b}]; allow: [{publish: a/#}]; ''; publish a/#",
        "allow: [{publish: a/#}]; allow: [{publish: a/b}]; publish a/#; ''",
        "allow: [{publish: a}]; allow: [{publish: a, qos: [0, 1]}]; publish a; ''",
        "allow: [{publish: a}]; allow: [{publish: a, retain: true}]; ''; publish a retained or not",
        "allow: [{subscribe: a}]; allow: [{subscribe: a, shared: false}]; subscribe a; ''",
        "allow: [{subscribe: a/#}]; allow: [{subscribe: a/#}]|deny: [{subscribe: a/b}]; subscribe a/b (denied); ''",
        "allow: [{subscribe: a/#}]|deny: [{subscribe: a/b}]; allow: [{subscribe: a/#}]; ''; subscribe a/b (denied)",
        "allow: [{publish: a}]; allow: [{publish: a}]|deny: [{publish: b}]; ''; ''",
        "maxConnections: 5; maxConnections: 2; connections beyond 2, sessions beyond 4; ''",
        "rates: {messages: 10/s}; rates: {messages: 5/s}; messages beyond 5/s; ''",
        "rates: {messages: 10/s}; allow: []; ''; messages beyond 10/s",
        "allow: []; maxSubscriptions: 9; subscriptions beyond 9; ''",
        "maxFilterLength: 99; maxFilterLength: 98; octets of a topic filter beyond 98; ''",
        "maxFilterLevels: 9; maxFilterLevels: 8; levels of a topic filter beyond 8; ''",
        "maxSessions: 1; maxSessions: 2; ''; sessions beyond 1",
        "maxQueuedMessages: 9; maxQueuedMessages: 10; ''; queued messages beyond 9",
        "allow: []; sessionExpiry: P1D; sessions for longer than P1D; ''",
        "allow: [{publish: b}, {publish: a}]; allow: [{publish: [a, b]}]; ''; ''",
        "clones: alert; clones: suspend; ''; ''",
      })
  void differenceIsTold(String before, String after, String lost, String gained) {
    RightsChange change = change(before, after);
    assertThat(String.join(", ", change.lost())).isEqualTo(lost);
    assertThat(String.join(", ", change.gained())).isEqualTo(gained);
    assertThat(change.isEmpty()).isEqualTo(lost.isEmpty() && gained.isEmpty());
  }

  @Test
  void otherClientIdsAreTold() {
    Rights exact = rights(rule());
    Rights suffix = rights(rule().replace("${subject.CN}", "${subject.CN}/*"));
    assertThat(exact.changeTo(suffix).lost()).containsExactly("client id d-1");
    assertThat(exact.changeTo(suffix).gained()).containsExactly("client id d-1/…");
  }

  @Test
  void nameOfTheRuleAloneMakesOthersOfThemButTakesNothing() {
    Rights one = rights(rule("allow: [{publish: a}]"));
    Rights other = rights(rule("allow: [{publish: a}]").replace("name: sensors", "name: meters"));
    assertThat(one).isNotEqualTo(other);
    assertThat(one.changeTo(other).isEmpty()).isTrue();
    assertThat(one).isEqualTo(rights(rule("allow: [{publish: a}]")));
    assertThat(one).hasSameHashCodeAs(rights(rule("allow: [{publish: a}]")));
  }
}
