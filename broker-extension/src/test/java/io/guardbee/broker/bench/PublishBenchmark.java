package io.guardbee.broker.bench;

import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extensions.auth.parameter.TopicPermissionImpl;
import com.hivemq.extensions.packets.general.ModifiableDefaultPermissionsImpl;
import com.hivemq.mqtt.handler.publish.DefaultPermissionsEvaluator;
import com.hivemq.mqtt.message.QoS;
import com.hivemq.mqtt.message.mqtt5.Mqtt5UserProperties;
import com.hivemq.mqtt.message.publish.PUBLISH;
import com.hivemq.mqtt.message.publish.PUBLISHFactory;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.NativeCrypto;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What is decided for each PUBLISH of one device. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PublishBenchmark {

  private final ModifiableDefaultPermissionsImpl permissions =
      new ModifiableDefaultPermissionsImpl();
  private final Rights rights;
  private final String topic;
  private final PUBLISH publish;

  public PublishBenchmark() {
    NativeCrypto.install();
    Decision decision = Decision.read(Path.of(System.getProperty(Micro.FOLDER)));
    X509Certificate device = decision.devices().get(0);
    rights = decision.decide(device, new StatusIndex(), Instant.now());
    topic = "devices/" + rights.clientIds().name() + "/telemetry/temperature";
    permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    rights.permissions().forEach(permission -> permissions.add(hiveMq(permission)));
    publish =
        new PUBLISHFactory.Mqtt5Builder()
            .withTopic(topic)
            .withQoS(QoS.AT_LEAST_ONCE)
            .withOnwardQos(QoS.AT_LEAST_ONCE)
            .withPayload("21.5".getBytes(StandardCharsets.UTF_8))
            .withHivemqId("bench")
            .withUserProperties(Mqtt5UserProperties.NO_USER_PROPERTIES)
            .build();
    if (!DefaultPermissionsEvaluator.checkPublish(permissions, publish)
        || !rights.allow(Permission.Activity.PUBLISH, topic)) {
      throw new IllegalStateException("the device may not publish to " + topic);
    }
  }

  /** As the door tells HiveMQ; without the broker around it there is no builder to ask. */
  private static TopicPermission hiveMq(Permission permission) {
    boolean isPublish = permission.activity() == Permission.Activity.PUBLISH;
    return new TopicPermissionImpl(
        permission.filter(),
        TopicPermission.PermissionType.ALLOW,
        isPublish ? TopicPermission.Qos.ZERO_ONE : TopicPermission.Qos.ALL,
        isPublish ? TopicPermission.MqttActivity.PUBLISH : TopicPermission.MqttActivity.SUBSCRIBE,
        isPublish ? TopicPermission.Retain.NOT_RETAINED : TopicPermission.Retain.ALL,
        TopicPermission.SharedSubscription.ALL,
        "#");
  }

  /** By HiveMQ, with the permissions that the door gave at the CONNECT. */
  @Benchmark
  public boolean broker() {
    return DefaultPermissionsEvaluator.checkPublish(permissions, publish);
  }

  /** By the policy's own rights. */
  @Benchmark
  public boolean policy() {
    return rights.allow(Permission.Activity.PUBLISH, topic);
  }
}
