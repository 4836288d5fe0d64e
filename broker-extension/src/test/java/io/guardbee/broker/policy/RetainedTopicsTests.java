package io.guardbee.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Subject;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose a retained message is, and whether it goes when that device is revoked. */
class RetainedTopicsTests {

  private static final RetainedTopics TOPICS =
      Policy.parse(
              """
              version: 1
              rules:
                - name: meters
                  when: { issuer: issuing, subject.OU: meter }
                  clientId: "${subject.CN}"
                  retained: keep
                  allow:
                    - publish: "devices/${subject.CN}/#"
                      retain: true
                - name: sensors
                  when: { issuer: issuing, subject.OU: sensor }
                  clientId: "${subject.CN}"
                  allow:
                    - publish: "devices/${subject.CN}/#"
                      retain: true
                    - publish: "plain/${subject.CN}"
                    - publish: "shared/state"
                      retain: true
                    - publish: "profiles/${subject.OU}/state"
                      retain: true
                    - publish: "sites/${subject.O}/x-${subject.CN}-y/+/now"
                      retain: only
                    - publish: "mixed/${subject.OU}-${subject.CN}"
                      retain: true
                  deny:
                    - publish: "devices/+/commands/#"
                - name: gateways
                  when: { subject.OU: gateway }
                  clientId: "${subject.CN}/*"
                  allow:
                    - publish: ["gateways/${subject.CN}", "by/${subject.OU}/${subject.CN}/state"]
                      retain: true
              """,
              "policy")
          .retained();

  private static KnownDevice device(String subject) {
    Subject name = Subject.parse(subject);
    return new KnownDevice(name.values("CN").get(0), "issuing", name);
  }

  @ParameterizedTest
  @CsvSource({
    "devices/d-1, true",
    "devices/d-1/telemetry/temp, true",
    "devices/d-10/telemetry/temp, false",
    "devices/d-2, false",
    "devices/d-1/commands/x, false",
    "plain/d-1, false",
    "shared/state, false",
    "profiles/sensor/state, false",
    "sites/Acme/x-d-1-y/a/now, true",
    "sites/Other/x-d-1-y/a/now, false",
    "sites/Acme/x-d-1-z/a/now, false",
    "sites/Acme/x-d-1-y/a/b/now, false",
    "mixed/sensor-d-1, false",
    "gateways/d-1, false"
  })
  void topicIsItsOwnWhereItsRuleLetsItAloneRetain(String topic, boolean cleared) {
    assertThat(TOPICS.isCleared(topic, device("CN=d-1,OU=sensor,O=Acme"))).isEqualTo(cleared);
  }

  @Test
  void ruleOfTheDeviceDecidesWhetherItsMessagesStay() {
    assertThat(TOPICS.isCleared("devices/d-1/a", device("CN=d-1,OU=meter,O=Acme"))).isFalse();
    assertThat(TOPICS.isCleared("devices/d-1/a", device("CN=d-1,OU=other,O=Acme"))).isFalse();
  }

  /** As of a whole status, which tells of device ids alone. */
  @Test
  void messageStaysWhereOneOfTheRulesThatMayBeItsDevicesKeepsIt() {
    KnownDevice some = KnownDevice.of("d-1");
    assertThat(TOPICS.isCleared("devices/d-1/a", some)).isFalse();
    assertThat(TOPICS.isCleared("sites/Acme/x-d-1-y/a/now", some)).isTrue();
    assertThat(TOPICS.isCleared("gateways/d-1", some)).isTrue();
    assertThat(TOPICS.isCleared("by/gateway/d-1/state", some)).isTrue();
    assertThat(TOPICS.isCleared("by/gateway/d-2/state", some)).isFalse();
  }

  @Test
  void deviceIdIsReadFromATopic() {
    assertThat(TOPICS.mayBelongTo("devices/d-1/a")).contains("d-1");
    assertThat(TOPICS.mayBelongTo("sites/Acme/x-d-1-y/a/now")).contains("d-1");
    assertThat(TOPICS.mayBelongTo("shared")).isEmpty();
  }

  @Test
  void topicsWithoutWildcardsAreKnownOneByOne() {
    assertThat(TOPICS.topicsOf(device("CN=g-1,OU=gateway")))
        .hasValue(Set.of("gateways/g-1", "by/gateway/g-1/state"));
    assertThat(TOPICS.topicsOf(device("CN=d-1,OU=sensor"))).as("with wildcards").isEmpty();
    assertThat(TOPICS.topicsOf(device("CN=m-1,OU=meter"))).as("they stay").hasValue(Set.of());
    assertThat(TOPICS.topicsOf(KnownDevice.of("g-1"))).as("its OU is not known").isEmpty();
  }
}
