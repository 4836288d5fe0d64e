package io.guardbee.broker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One rule: whom it is for, which client ids they use, what they may do.
 *
 * @param when attribute and wanted values; all must match
 */
record Rule(String name, Map<String, List<String>> when, ClientIdRule clientId, List<Allow> allow) {

  /** A permission before the identity's values stand in its topic. */
  record Allow(Permission.Activity activity, Template topic, Set<Integer> qos, boolean retain) {

    Permission to(Attributes attributes) {
      return new Permission(
          Permission.Effect.ALLOW,
          activity,
          topic.fill(attributes),
          qos,
          retain ? Permission.Retained.ANY : Permission.Retained.NEVER,
          Permission.Shared.ANY);
    }
  }

  Rule {
    when = Map.copyOf(when);
    allow = List.copyOf(allow);
  }

  boolean matches(Attributes attributes) {
    return when.entrySet().stream().allMatch(e -> attributes.match(e.getKey(), e.getValue()));
  }

  Rights rightsOf(Attributes attributes) {
    List<Permission> permissions = new ArrayList<>();
    allow.forEach(entry -> permissions.add(entry.to(attributes)));
    return new Rights(name, clientId.allowedTo(attributes), permissions, Limits.DEFAULT);
  }
}
