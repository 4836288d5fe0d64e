package io.guardbee.service.broker;

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

  /** Records them; one that had ended before raises an alarm. */
  void record(String node, List<NodeReport.FirstUse> uses) {
    Map<Devices.Use, String> addresses = new HashMap<>();
    for (NodeReport.FirstUse use : uses) {
      addresses.put(
          new Devices.Use(String.valueOf(use.issuer()), String.valueOf(use.serial())),
          DoorRefusal.address(use.address()));
    }
    for (Devices.Use late : devices.used(addresses.keySet())) {
      alarms.seenAtBroker(
          node, late.issuer(), late.serial(), addresses.getOrDefault(late, "unknown"));
    }
  }
}
