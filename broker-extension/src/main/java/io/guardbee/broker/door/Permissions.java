package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.PermissionType;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Qos;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Retain;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.SharedSubscription;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import com.hivemq.extension.sdk.api.services.builder.TopicPermissionBuilder;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.broker.policy.Rights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rights in HiveMQ's own terms. HiveMQ takes the first permission that matches, so denials come
 * first. It also ignores slashes at the end of a permission without wildcards and of the topic that
 * it compares with it: such permissions come last, behind a denial of all that is below them.
 */
final class Permissions {

  /** What nobody may subscribe to; HiveMQ lets nobody publish below a dollar sign either. */
  static final String REFUSED_FILTER = "$guardbee/refused";

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

  /** To stand before all others: HiveMQ lets {@code #} match what begins with a dollar sign. */
  static TopicPermission noRefusedFilter() {
    return Builders.topicPermission()
        .topicFilter(REFUSED_FILTER)
        .type(PermissionType.DENY)
        .activity(MqttActivity.SUBSCRIBE)
        .build();
  }

  static List<TopicPermission> of(Rights rights) {
    List<TopicPermission> denials = new ArrayList<>();
    List<TopicPermission> allows = new ArrayList<>();
    List<TopicPermission> plain = new ArrayList<>();
    for (Permission permission : rights.permissions()) {
      if (permission.effect() == Effect.DENY) {
        if (!permission.filter().endsWith("/")) { // else left to our own checks
          denials.add(of(permission));
        }
      } else if (isPlainPublish(permission)) {
        plain.add(below(permission));
        plain.add(of(permission));
      } else {
        allows.add(of(permission));
      }
    }
    // one plain filter may stand below another: its leave must come before the other's denial
    plain.sort(Comparator.comparingInt(Permissions::depth).reversed());
    denials.addAll(allows);
    denials.addAll(plain);
    return denials;
  }

  /** Whether HiveMQ's own comparison gives what the policy means for each PUBLISH. */
  static boolean areExact(Rights rights) {
    return rights.permissions().stream()
        .noneMatch(p -> p.activity() == Activity.PUBLISH && p.filter().endsWith("/"));
  }

  private static boolean isPlainPublish(Permission permission) {
    String filter = permission.filter();
    return permission.activity() == Activity.PUBLISH
        && !filter.endsWith("/")
        && filter.indexOf('+') < 0
        && filter.indexOf('#') < 0;
  }

  /** A denial ({@code a/+/#} for {@code a}) counts as deep as what it belongs to. */
  private static int depth(TopicPermission permission) {
    String filter = permission.getTopicFilter();
    int levels = filter.split("/", -1).length;
    return permission.getType() == PermissionType.DENY ? levels - 2 : levels;
  }

  private static TopicPermission below(Permission permission) {
    return Builders.topicPermission()
        .topicFilter(permission.filter() + "/+/#")
        .type(PermissionType.DENY)
        .activity(MqttActivity.PUBLISH)
        .build();
  }

  private static TopicPermission of(Permission permission) {
    boolean publish = permission.activity() == Activity.PUBLISH;
    String filter = permission.topicFilter();
    TopicPermissionBuilder builder =
        Builders.topicPermission()
            .topicFilter(filter.endsWith("/") ? filter + "+" : filter) // our own checks narrow it
            .type(permission.effect() == Effect.DENY ? PermissionType.DENY : PermissionType.ALLOW)
            .activity(publish ? MqttActivity.PUBLISH : MqttActivity.SUBSCRIBE)
            .qos(QOS.getOrDefault(permission.qos(), Qos.ALL));
    if (publish) {
      return builder.retain(retain(permission.retained())).build();
    }
    String group = permission.group();
    builder.sharedSubscription(shared(permission.shared()));
    return group.isEmpty() ? builder.build() : builder.sharedGroup(group).build();
  }

  private static Retain retain(Permission.Retained retained) {
    return switch (retained) {
      case ANY -> Retain.ALL;
      case ONLY -> Retain.RETAINED;
      case NEVER -> Retain.NOT_RETAINED;
    };
  }

  private static SharedSubscription shared(Permission.Shared shared) {
    return switch (shared) {
      case ANY -> SharedSubscription.ALL;
      case ONLY -> SharedSubscription.SHARED;
      case NEVER -> SharedSubscription.NOT_SHARED;
    };
  }
}
