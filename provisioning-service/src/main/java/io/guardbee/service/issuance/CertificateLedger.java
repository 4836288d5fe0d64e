package io.guardbee.service.issuance;

import io.guardbee.service.store.Database;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The record of every certificate: reserved before it is signed, completed after, one or many in
 * one transaction each. Thread-safe.
 */
public final class CertificateLedger {

  private final Database database;
  private final UUID replica;
  private final Clock clock;

  /**
   * @param replica this process; what it reserves bears its name
   */
  public CertificateLedger(Database database, UUID replica, Clock clock) {
    this.database = database;
    this.replica = replica;
    this.clock = clock;
  }

  /**
   * Gives up what other processes, all of them gone, left between reservation and completion:
   * nothing of it was handed out, so its rights may be used again.
   *
   * @return how many rows were pending
   */
  public int reconcile() {
    return database.transact(
        tx ->
            tx.execute(
                "update certificate set state = 'abandoned' where state = 'reserved'"
                    + " and (replica is null or replica <> ?)",
                replica));
  }

  /**
   * What would be decided at this moment; takes nothing.
   *
   * @return whether the same request has its certificate already
   * @throws io.guardbee.pki.RefusedException what stands against it
   */
  boolean foresee(ToBeSigned request) {
    return database.transact(
        tx -> {
          Facts facts = Facts.read(tx, List.of(request), clock.instant());
          return Decision.on(facts, request, clock.instant()).isPresent();
        });
  }

  /** Decides on each and takes what it needs; what stands against one leaves the others alone. */
  List<Verdict> reserve(List<ToBeSigned> requests) {
    return database.transact(
        tx -> new Reservation(tx, replica, requests, clock.instant()).verdicts());
  }

  /** Makes each good from now on, unless its device was revoked meanwhile. */
  List<Outcome> complete(List<Signed> signed) {
    return database.transact(tx -> new Completion(tx, clock.instant()).of(signed));
  }

  /** Takes back reservations whose certificates could not be signed. */
  void abandon(Collection<Reserved> reserved) {
    if (reserved.isEmpty()) {
      return;
    }
    database.transact(
        tx -> {
          PreparedBatch rows =
              tx.prepareBatch(
                  "update certificate set state = 'abandoned'"
                      + " where issuer = ? and serial = ? and state = 'reserved'");
          for (Reserved one : reserved) {
            rows.add(one.toBeSigned().issuer(), one.toBeSigned().serial().toString());
          }
          return rows.execute();
        });
  }
}
