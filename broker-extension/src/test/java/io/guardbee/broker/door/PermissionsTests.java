package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.PermissionType;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Qos;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Retain;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.SharedSubscription;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import com.hivemq.extension.sdk.api.services.builder.TopicPermissionBuilder;
import com.hivemq.extensions.auth.parameter.TopicPermissionImpl;
import com.hivemq.extensions.packets.general.ModifiableDefaultPermissionsImpl;
import com.hivemq.mqtt.handler.publish.DefaultPermissionsEvaluator;
import com.hivemq.mqtt.message.QoS;
import com.hivemq.mqtt.message.connect.MqttWillPublish;
import com.hivemq.mqtt.message.subscribe.Topic;
import io.guardbee.broker.policy.ClientIds;
import io.guardbee.broker.policy.Limits;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.broker.policy.Permission.Retained;
import io.guardbee.broker.policy.Permission.Shared;
import io.guardbee.broker.policy.Rights;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our rights in HiveMQ's terms, asked by HiveMQ's own code, against the policy's own decisions. */
class PermissionsTests {

  private static final int ROUNDS = 3000;
  private static final List<Set<Integer>> QOS =
      List.of(Set.of(0, 1, 2), Set.of(0, 1), Set.of(1), Set.of(2));

  /** As HiveMQ's own, which wants a whole configuration. */
  private static final class Builder implements TopicPermissionBuilder {
    private String filter = "";
    private PermissionType type = PermissionType.ALLOW;
    private Qos qos = Qos.ALL;
    private MqttActivity activity = MqttActivity.ALL;
    private Retain retain = Retain.ALL;
    private SharedSubscription shared = SharedSubscription.ALL;
    private String group = "#";

    @Override
    public TopicPermissionBuilder topicFilter(String value) {
      filter = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder type(PermissionType value) {
      type = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder qos(Qos value) {
      qos = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder activity(MqttActivity value) {
      activity = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder retain(Retain value) {
      retain = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder sharedSubscription(SharedSubscription value) {
      shared = value;
      return this;
    }

    @Override
    public TopicPermissionBuilder sharedGroup(String value) {
      group = value;
      return this;
    }

    @Override
    public TopicPermission build() {
      return new TopicPermissionImpl(filter, type, qos, activity, retain, shared, group);
    }
  }

  /** HiveMQ fills this when it loads an extension. */
  @BeforeAll
  static void supplyBuilders() throws ReflectiveOperationException {
    Field builders = Builders.class.getDeclaredField("builders");
    builders.setAccessible(true);
    Supplier<Object> builder = Builder::new;
    builders.set(null, Map.of(TopicPermissionBuilder.class.getCanonicalName(), builder));
  }

  private record Publish(String topic, int qos, boolean retain) {}

  private static boolean hiveMqAllows(ModifiableDefaultPermissions permissions, Publish publish) {
    return DefaultPermissionsEvaluator.checkWillPublish(
        permissions,
        new MqttWillPublish.Mqtt3Builder()
            .withHivemqId("x")
            .withPayload(new byte[0])
            .withTopic(publish.topic())
            .withQos(QoS.valueOf(publish.qos()))
            .withRetain(publish.retain())
            .build());
  }

  private static boolean allows(Rights rights, Publish publish) {
    return rights.decidePublish(publish.topic(), publish.qos(), publish.retain()).allowed();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void hiveMqAllowsWhatThePolicyAllows(long seed) {
    Random random = new Random(seed);
    int allowed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Rights rights = rights(random);
      ModifiableDefaultPermissions given = new ModifiableDefaultPermissionsImpl();
      new HiveMqGrip(given).permit(rights);
      for (int i = 0; i < 10; i++) {
        Publish publish = publish(random);
        boolean here = hiveMqAllows(given, publish);
        boolean there = allows(rights, publish);
        allowed += there ? 1 : 0;
        String what = publish + " by " + rights;
        if (Permissions.areExact(rights)) {
          assertThat(!here || there).as("no more: %s", what).isTrue();
        }
        // HiveMQ ignores slashes at the end: who denies a/b denies a/b/ as well
        assertThat(here || !there || publish.topic().endsWith("/"))
            .as("no less: %s", what)
            .isTrue();
      }
    }
    assertThat(allowed).as("the test tests something").isGreaterThan(ROUNDS / 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void hiveMqLetsSubscriptionsThroughThatThePolicyAllowsAndNeverTheRefusedOne(long seed) {
    Random random = new Random(seed);
    int allowed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Rights rights = rights(random);
      ModifiableDefaultPermissions given = new ModifiableDefaultPermissionsImpl();
      new HiveMqGrip(given).permit(rights);
      for (int i = 0; i < 10; i++) {
        String share = random.nextInt(4) == 0 ? "$share/g/" : "";
        String filter = share + filter(random);
        int qos = random.nextInt(3);
        boolean there = rights.decideSubscribe(filter, qos).allowed();
        allowed += there ? 1 : 0;
        Topic subscription = new Topic(filter, QoS.valueOf(qos));
        assertThat(
                DefaultPermissionsEvaluator.checkSubscription(given, subscription)
                    || !there
                    || filter.endsWith("/"))
            .as("%s qos %d by %s", filter, qos, rights)
            .isTrue();
      }
      Topic refused = new Topic(Permissions.REFUSED_FILTER, QoS.valueOf(random.nextInt(3)));
      assertThat(DefaultPermissionsEvaluator.checkSubscription(given, refused)).isFalse();
    }
    assertThat(allowed).as("the test tests something").isGreaterThan(ROUNDS / 4);
  }

  /** Looks at each step of a change. */
  private static final class Stepping extends ModifiableDefaultPermissionsImpl {
    private Runnable look = () -> {};

    @Override
    public void addAll(java.util.Collection<? extends TopicPermission> added) {
      super.addAll(added);
      look.run();
    }

    @Override
    public void remove(TopicPermission removed) {
      super.remove(removed);
      look.run();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void noMomentOfAChangeAllowsMoreThanOneOfBothOrLessThanBoth(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      Rights before = rights(random);
      Rights after = rights(random);
      ModifiableDefaultPermissions old = new ModifiableDefaultPermissionsImpl();
      ModifiableDefaultPermissions next = new ModifiableDefaultPermissionsImpl();
      new HiveMqGrip(old).permit(before);
      new HiveMqGrip(next).permit(after);
      List<Publish> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asked.add(publish(random));
      }
      Stepping stepping = new Stepping();
      HiveMqGrip grip = new HiveMqGrip(stepping);
      grip.permit(before);
      stepping.look =
          () ->
              asked.forEach(
                  publish -> {
                    boolean was = hiveMqAllows(old, publish);
                    boolean will = hiveMqAllows(next, publish);
                    assertThat(hiveMqAllows(stepping, publish))
                        .as("%s from %s to %s", publish, before, after)
                        .isIn(was, will);
                  });
      grip.permit(after);
      asked.forEach(
          publish ->
              assertThat(hiveMqAllows(stepping, publish)).isEqualTo(hiveMqAllows(next, publish)));
      grip.disarm();
      grip.permit(before);
      asked.forEach(publish -> assertThat(hiveMqAllows(stepping, publish)).isFalse());
    }
  }

  private static Rights rights(Random random) {
    List<Permission> all = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      boolean publish = random.nextBoolean();
      boolean deny = random.nextInt(4) == 0;
      all.add(
          new Permission(
              deny ? Effect.DENY : Effect.ALLOW,
              publish ? Activity.PUBLISH : Activity.SUBSCRIBE,
              filter(random),
              QOS.get(random.nextInt(QOS.size())),
              List.of(Retained.values()).get(random.nextInt(3)),
              List.of(Shared.values()).get(random.nextInt(3))));
    }
    return new Rights("r", new ClientIds("d-1", false), all, Limits.DEFAULT);
  }

  private static Publish publish(Random random) {
    String topic = filter(random).replace("+", "a").replace("#", "b");
    return new Publish(topic, random.nextInt(3), random.nextBoolean());
  }

  /** Of few levels and few names, so that they meet; empty levels and slashes at the end too. */
  private static String filter(Random random) {
    List<String> levels = new ArrayList<>();
    int depth = 1 + random.nextInt(4);
    for (int i = 0; i < depth; i++) {
      levels.add(List.of("a", "b", "a", "b", "+", "").get(random.nextInt(6)));
    }
    if (random.nextInt(4) == 0) {
      levels.set(depth - 1, "#");
    }
    String filter = String.join("/", levels);
    return filter.isEmpty() ? "a" : filter;
  }
}
