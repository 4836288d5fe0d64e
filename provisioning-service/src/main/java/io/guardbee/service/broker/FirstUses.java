package io.guardbee.service.broker;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.service.device.Devices;
import io.guardbee.service.revocation.PredecessorAlarms;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Certificates that brokers accepted for the first time: from then on their predecessors replace
 * them no more. Thread-safe.
 */
record FirstUses(Devices devices, PredecessorAlarms alarms) {

  private static final String REVOKED = Reason.CERTIFICATE_REVOKED.toString();

  /** Records them; one that had ended before raises an alarm. */
  void record(String node, List<NodeReport.FirstUse> uses) {
    Map<Devices.Use, String> addresses = new HashMap<>();
    for (NodeReport.FirstUse use : uses) {
      addresses.put(
          new Devices.Use(String.valueOf(use.issuer()), String.valueOf(use.serial())),
          DoorRefusal.address(use.address()));
    }
    alarm(node, devices.used(addresses.keySet()), addresses);
  }

  /** Of the refused ones, those that ended before anybody used them raise an alarm. */
  void refused(String node, List<NodeReport.Refusal> refusals) {
    Map<Devices.Use, String> addresses = new HashMap<>();
    for (NodeReport.Refusal refusal : refusals) {
      if (REVOKED.equals(refusal.reason()) && refusal.serial() != null) {
        addresses.put(
            new Devices.Use(Identity.ISSUING, refusal.serial()),
            DoorRefusal.address(refusal.address()));
      }
    }
    alarm(node, devices.endedUnused(addresses.keySet()), addresses);
  }

  private void alarm(String node, List<Devices.Use> late, Map<Devices.Use, String> addresses) {
    for (Devices.Use use : late) {
      alarms.seenAtBroker(node, use.issuer(), use.serial(), addresses.getOrDefault(use, "unknown"));
    }
  }
}
