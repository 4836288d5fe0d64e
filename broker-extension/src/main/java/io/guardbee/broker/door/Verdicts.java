package io.guardbee.broker.door;

import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.PolicyAnswer.Affected;
import java.util.ArrayList;
import java.util.List;

/** INTERIM until the policy package decides: what rights say to a request. */
final class Verdicts {

  private Verdicts() {}

  static String topicFilter(Permission permission) {
    return permission.filter();
  }

  static String group(Permission permission) {
    return "";
  }

  /** Empty when allowed, else why not, in words. */
  static String publish(Rights rights, String topic, int qos, boolean retain) {
    return decide(rights, Activity.PUBLISH, topic, qos, retain);
  }

  /** Empty when allowed, else why not, in words. */
  static String subscribe(Rights rights, String filter, int qos) {
    return decide(rights, Activity.SUBSCRIBE, filter, qos, false);
  }

  private static String decide(
      Rights rights, Activity activity, String topic, int qos, boolean retain) {
    String why = "nothing allows it";
    for (Permission p : rights.permissions()) {
      boolean meant =
          p.covers(activity, topic)
              && p.qos().contains(qos)
              && (activity == Activity.SUBSCRIBE
                  || switch (p.retained()) {
                    case ANY -> true;
                    case ONLY -> retain;
                    case NEVER -> !retain;
                  });
      if (meant && p.effect() == Permission.Effect.DENY) {
        return "denied by " + p.filter();
      }
      why = meant ? "" : why;
    }
    return why;
  }

  static List<String> lost(Rights before, Rights after) {
    List<String> lost = new ArrayList<>();
    for (Permission p : before.permissions()) {
      if (!after.permissions().contains(p)) {
        lost.add((p.activity() + " ").toLowerCase(java.util.Locale.ROOT) + p.filter());
      }
    }
    return lost;
  }

  static Affected affected(String device, String clientId, Rights before, Rights after) {
    return new Affected(
        device, clientId, before.rule(), after.rule(), lost(before, after), lost(after, before));
  }
}
