package io.guardbee.broker.run.policy;

import java.util.List;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Brokers whose refusal the operator has decided to put up with. */
final class Despite {

  @Option(
      names = "--despite",
      paramLabel = "NODE",
      description = {
        "put it in force although this broker refuses it; the broker then takes no new",
        "connections until it can apply it; may be repeated"
      })
  private List<String> nodes = List.of();

  /** Adds them to an order. */
  ObjectNode addTo(ObjectNode order) {
    if (!nodes.isEmpty()) {
      nodes.forEach(order.putArray("despite")::add);
    }
    return order;
  }
}
