package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.PermissionType;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Qos;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Retain;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Rights;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rights in HiveMQ's own terms. */
final class Permissions {

  private static final Map<Set<Integer>, Qos> QOS =
      Map.of(
          Set.of(0), Qos.ZERO,
          Set.of(1), Qos.ONE,
          Set.of(2), Qos.TWO,
          Set.of(0, 1), Qos.ZERO_ONE,
          Set.of(1, 2), Qos.ONE_TWO,
          Set.of(0, 2), Qos.ZERO_TWO,
          Set.of(0, 1, 2), Qos.ALL);

  private Permissions() {}

  static List<TopicPermission> of(Rights rights) {
    return rights.permissions().stream().map(Permissions::of).toList();
  }

  private static TopicPermission of(Permission permission) {
    boolean publish = permission.activity() == Permission.Activity.PUBLISH;
    return Builders.topicPermission()
        .topicFilter(permission.filter())
        .type(PermissionType.ALLOW)
        .activity(publish ? MqttActivity.PUBLISH : MqttActivity.SUBSCRIBE)
        .qos(QOS.getOrDefault(permission.qos(), Qos.ALL))
        .retain(
            publish && permission.retained() == Permission.Retained.NEVER
                ? Retain.NOT_RETAINED
                : Retain.ALL)
        .build();
  }
}
