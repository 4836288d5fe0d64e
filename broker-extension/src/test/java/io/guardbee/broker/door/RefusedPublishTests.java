package io.guardbee.broker.door;

import static com.hivemq.extension.sdk.api.packets.general.DisconnectedReasonCode.NOT_AUTHORIZED;
import static com.hivemq.extension.sdk.api.packets.general.DisconnectedReasonCode.PROTOCOL_ERROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Decision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a refused PUBLISH was, by the end of its connection, and what of it is counted. */
class RefusedPublishTests {

  private static String reason(String topic) {
    return "Not authorized to publish on topic '" + topic + "' with QoS '1' and retain 'true'";
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "it's", "a' with QoS '0' and retain 'false", "line\nfeed", ""})
  void topicIsReadWhateverIsInIt(String topic) {
    assertThat(RefusedPublish.of(NOT_AUTHORIZED, reason(topic)))
        .isEqualTo(new RefusedPublish(topic, 1, true));
  }

  @Test
  void otherEndsAreNoRefusedPublish() {
    assertThat(RefusedPublish.of(NOT_AUTHORIZED, "certificate-revoked: by an operator")).isNull();
    assertThat(RefusedPublish.of(PROTOCOL_ERROR, reason("a"))).isNull();
    assertThat(RefusedPublish.of(NOT_AUTHORIZED, reason("a") + " or so")).isNull();
  }

  @Test
  void rightsThatAreGoneRefuseAll() {
    assertThat(new RefusedPublish("a", 0, false).decision(null)).isEqualTo(Decision.UNCOVERED);
  }

  @Test
  void topicIsShortenedToItsFirstLevelsWithoutTheDevicesName() {
    assertThat(TopicShape.of("devices/d-1/telemetry/a/b", "d-1"))
        .isEqualTo("devices/${id}/telemetry/...");
    assertThat(TopicShape.of("devices/d-2/#", "d-1")).isEqualTo("devices/d-2/#");
    assertThat(TopicShape.of("/a/", "d-1")).isEqualTo("/a/");
    assertThat(TopicShape.of("x".repeat(100_000), "d-1")).isEqualTo("x".repeat(32) + "...");
    assertThat(TopicShape.of("a/".repeat(30_000), "d-1")).isEqualTo("a/a/a/...");
    assertThat(TopicShape.of("a\u001b[2J\nx/b", "d-1")).isEqualTo("a\\u001B[2J\\u000Ax/b");
  }
}
