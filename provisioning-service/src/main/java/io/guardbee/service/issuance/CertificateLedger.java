package io.guardbee.service.issuance;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Replica;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The record of every certificate: reserved before it is signed, completed after, one or many in
 * one transaction each. Thread-safe.
 */
public final class CertificateLedger {

  private final Database database;
  private final UUID replica;
  private final Clock clock;

  /** Of transactions that failed: whether their commit came through, nobody knows. */
  private final Queue<Name> doubtful = new ConcurrentLinkedQueue<>();

  private record Name(String issuer, String serial) {
    static Name of(ToBeSigned request) {
      return new Name(request.issuer(), request.serial().toString());
    }
  }

  /**
   * @param replica this process; what it reserves bears its name
   */
  public CertificateLedger(Database database, UUID replica, Clock clock) {
    this.database = database;
    this.replica = replica;
    this.clock = clock;
  }

  /**
   * Gives up what is pending and will not be completed: of processes whose lease has ended, and of
   * this one where it lost its connection. Nothing of it was handed out, and it cannot be completed
   * any more, so its rights may be used again.
   *
   * @return how many rows were pending
   */
  public int reconcile() {
    return database.transact(this::abandonOfTheDead) + abandonDoubtful();
  }

  private int abandonOfTheDead(Handle tx) {
    return tx.execute(
        "update certificate set state = 'abandoned' where state = 'reserved'"
            + " and (replica is null or (replica <> ? and replica not in ("
            + Replica.ALIVE
            + ")))",
        replica);
  }

  private int abandonDoubtful() {
    List<Name> names = new ArrayList<>();
    for (Name name = doubtful.poll(); name != null; name = doubtful.poll()) {
      names.add(name);
    }
    return abandonNamed(names);
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
    return orInDoubt(
        requests,
        () ->
            database.transact(
                tx -> new Reservation(tx, replica, requests, clock.instant()).verdicts()));
  }

  /** Makes each good from now on, unless its device was revoked or suspended meanwhile. */
  List<Outcome> complete(List<Signed> signed) {
    return orInDoubt(
        signed.stream().map(one -> one.reserved().toBeSigned()).toList(),
        () -> database.transact(tx -> new Completion(tx, clock.instant()).of(signed)));
  }

  /** Takes back reservations whose certificates could not be signed. */
  void abandon(Collection<Reserved> reserved) {
    abandonNamed(reserved.stream().map(one -> Name.of(one.toBeSigned())).toList());
  }

  private int abandonNamed(List<Name> names) {
    if (names.isEmpty()) {
      return 0;
    }
    try {
      return database.transact(tx -> abandon(tx, names));
    } catch (RefusedException e) {
      doubtful.addAll(names);
      throw e;
    }
  }

  private static int abandon(Handle tx, List<Name> names) {
    PreparedBatch rows =
        tx.prepareBatch(
            "update certificate set state = 'abandoned'"
                + " where issuer = ? and serial = ? and state = 'reserved'");
    names.forEach(name -> rows.add(name.issuer(), name.serial()));
    int changed = 0;
    for (int one : rows.execute()) {
      changed += one;
    }
    return changed;
  }

  private <T> T orInDoubt(List<ToBeSigned> requests, Supplier<T> transaction) {
    try {
      return transaction.get();
    } catch (RefusedException e) {
      requests.forEach(request -> doubtful.add(Name.of(request)));
      throw e;
    }
  }
}
