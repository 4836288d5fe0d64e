package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Decision.Why;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one identity may do: the outcome of a policy. Whatever is not permitted here is denied, and
 * a denial stands above every leave. Immutable and thread-safe; a decision waits for nothing and
 * makes no object for a publish that is allowed or denied. Two are equal when rule, client ids,
 * permissions and limits are.
 */
public final class Rights {

  private static final int QOS = 3;
  private static final Entry[] NONE = {};

  private final String rule;
  private final ClientIds clientIds;
  private final List<Permission> permissions;
  private final Limits limits;
  private final Entry[] publishDenied;
  private final Entry[] publishAllowed;
  private final Entry[] subscribeDenied;
  private final Entry[] subscribeAllowed;

  /**
   * Makes rights ready to be asked.
   *
   * @param rule the name of the rule that decided
   */
  public Rights(String rule, ClientIds clientIds, List<Permission> permissions, Limits limits) {
    this(rule, clientIds, limits, permissions.stream().map(Entry::new).toList());
  }

  Rights(String rule, ClientIds clientIds, Limits limits, List<Entry> entries) {
    this.rule = rule;
    this.clientIds = clientIds;
    this.limits = limits;
    List<Permission> all = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      all.add(entry.permission);
    }
    this.permissions = Collections.unmodifiableList(all);
    this.publishDenied = those(entries, Effect.DENY, Activity.PUBLISH);
    this.publishAllowed = those(entries, Effect.ALLOW, Activity.PUBLISH);
    this.subscribeDenied = those(entries, Effect.DENY, Activity.SUBSCRIBE);
    this.subscribeAllowed = those(entries, Effect.ALLOW, Activity.SUBSCRIBE);
  }

  /** Without streams: it is a part of every CONNECT. */
  private static Entry[] those(List<Entry> entries, Effect effect, Activity activity) {
    int count = 0;
    for (Entry entry : entries) {
      count += is(entry, effect, activity) ? 1 : 0;
    }
    if (count == 0) {
      return NONE;
    }
    Entry[] those = new Entry[count];
    int at = 0;
    for (Entry entry : entries) {
      if (is(entry, effect, activity)) {
        those[at++] = entry;
      }
    }
    return those;
  }

  private static boolean is(Entry entry, Effect effect, Activity activity) {
    return entry.permission.effect() == effect && entry.permission.activity() == activity;
  }

  public String rule() {
    return rule;
  }

  public ClientIds clientIds() {
    return clientIds;
  }

  /** As the policy's rule orders them: its denials, then what it allows. */
  public List<Permission> permissions() {
    return permissions;
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Checks the client id.
   *
   * @throws RefusedException {@link Reason#CLIENT_ID_MISMATCH}
   */
  public Rights use(String clientId) {
    if (!clientIds.include(clientId)) {
      throw new RefusedException(
          Reason.CLIENT_ID_MISMATCH,
          "client id " + Quoted.of(clientId) + " is not this identity's",
          "connect with client id " + Quoted.of(clientIds.toString()) + " (rule " + rule + ")");
    }
    return this;
  }

  /**
   * Decides on a publish; a Will is one (MQTT 5 §3.1.2.5).
   *
   * @param qos 0, 1 or 2
   */
  public Decision decidePublish(String topic, int qos, boolean retain) {
    if (!TopicFilter.isTopic(topic)) {
      return Decision.MALFORMED;
    }
    for (Entry entry : publishDenied) {
      if (entry.meansQos(qos) && entry.meansRetain(retain) && entry.covers(topic)) {
        return entry.decides;
      }
    }
    Decision nearest = Decision.UNCOVERED;
    for (Entry entry : publishAllowed) {
      if (entry.covers(topic)) {
        if (!entry.meansQos(qos)) {
          nearest = entry.but(Why.QOS);
        } else if (!entry.meansRetain(retain)) {
          nearest = entry.but(Why.RETAIN);
        } else {
          return entry.decides;
        }
      }
    }
    return nearest;
  }

  /**
   * Decides on a subscription. One that overlaps a denied filter is refused: it would deliver what
   * is denied.
   *
   * @param filter as the client wrote it, {@code $share/group/} included
   * @param qos that it asks for: 0, 1 or 2
   */
  public Decision decideSubscribe(String filter, int qos) {
    Subscription asked = Subscription.parse(filter);
    if (asked == null) {
      return Decision.MALFORMED;
    }
    for (Entry entry : subscribeDenied) {
      if (entry.meansQos(qos)
          && entry.meansSharing(asked.group())
          && entry.overlaps(asked.filter())) {
        return entry.decides;
      }
    }
    Decision nearest = Decision.UNCOVERED;
    for (Entry entry : subscribeAllowed) {
      if (entry.covers(asked.filter())) {
        if (!entry.meansQos(qos)) {
          nearest = entry.but(Why.QOS);
        } else if (!entry.meansSharing(asked.group())) {
          nearest = entry.but(Why.SHARED);
        } else {
          return entry.decides;
        }
      }
    }
    return nearest;
  }

  /** Whether it may be done in any way: with some quality of service, retained or not. */
  public boolean allow(Activity activity, String topic) {
    for (int qos = 0; qos < QOS; qos++) {
      boolean allowed =
          activity == Activity.PUBLISH
              ? decidePublish(topic, qos, false).allowed()
                  || decidePublish(topic, qos, true).allowed()
              : decideSubscribe(topic, qos).allowed();
      if (allowed) {
        return true;
      }
    }
    return false;
  }

  /** What an identity loses and gains when these rights give way to others. */
  public RightsChange changeTo(Rights after) {
    return new RightsChange(RightsChange.lost(this, after), RightsChange.lost(after, this));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Rights rights
        && rule.equals(rights.rule)
        && clientIds.equals(rights.clientIds)
        && permissions.equals(rights.permissions)
        && limits.equals(rights.limits);
  }

  @Override
  public int hashCode() {
    return Objects.hash(rule, clientIds, permissions, limits);
  }

  @Override
  public String toString() {
    return "rule " + rule + ", client id " + clientIds + ", " + permissions + ", " + limits;
  }
}
