package io.guardbee.broker.door;

import io.guardbee.broker.policy.Limits;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;

/** What a connection that is registered must pass to come in. Thread-safe, never waits. */
record Admission(Door door, LiveConnections live, CloneDesk clones, Meter meter) {

  /**
   * Status, policy, clones, rates, seat: in this order.
   *
   * @return what it may do
   * @throws RefusedException with the first that keeps it out
   */
  Rights admit(LiveConnection connection) {
    Rights rights = door.admit(connection);
    clones.meet(connection, rights);
    meter.connect(connection, rights.limits());
    switch (live.seat(connection, rights.limits().maxConnections())) {
      case TAKEN -> {}
      case FULL -> throw tooMany(connection, rights.limits());
      case FOREIGN ->
          throw new RefusedException(
              Reason.CONNECTIONS_EXHAUSTED,
              "client id " + Quoted.of(connection.clientId()) + " is in use by another identity",
              "have the policy give each identity client ids of its own");
    }
    return rights;
  }

  static RefusedException tooMany(LiveConnection connection, Limits limits) {
    return new RefusedException(
        Reason.CONNECTIONS_EXHAUSTED,
        connection.visitor().name()
            + " has as many connections as it may: "
            + limits.maxConnections(),
        "close one, use its client id, or raise maxConnections in the policy");
  }
}
