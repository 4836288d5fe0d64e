package io.guardbee.service.issuance;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.issuance.Facts.Known;
import io.guardbee.service.store.Sql;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * One transaction that reserves: the facts are read at once, each application is decided by them in
 * its turn, and all that is accepted is written at once.
 */
final class Reservation {

  private final Handle tx;
  private final UUID replica;
  private final List<ToBeSigned> requests;
  private final Instant now;
  private final Facts facts;
  private final List<ToBeSigned> accepted = new ArrayList<>();
  private final List<ToBeSigned> firstOfDevice = new ArrayList<>();
  private final List<ToBeSigned> firstOfKey = new ArrayList<>();

  Reservation(Handle tx, UUID replica, List<ToBeSigned> requests, Instant now) {
    this.tx = tx;
    this.replica = replica;
    this.requests = requests;
    this.now = now;
    this.facts = Facts.read(tx, requests.stream().filter(ToBeSigned::isForDevice).toList(), now);
  }

  List<Verdict> verdicts() {
    List<Verdict> verdicts = requests.stream().map(this::decide).toList();
    insertDevices();
    insertKeys();
    insertCertificates();
    return verdicts;
  }

  private Verdict decide(ToBeSigned request) {
    try {
      Reserved.Ending ending = Reserved.Ending.NOTHING;
      if (request.isForDevice()) {
        Optional<Known> before = Decision.on(facts, request, now);
        if (before.isPresent()) {
          return new Verdict.Before(certificate(before.get()));
        }
        request.approved().entitlement().take(tx, request.deviceId());
        List<String> replaced = replaced(request);
        ending = new Reserved.Ending(displaced(request, replaced), replaced);
        note(request);
      }
      accepted.add(request);
      return new Verdict.Go(new Reserved(request, ending));
    } catch (RefusedException e) {
      return new Verdict.No(e);
    }
  }

  private X509Certificate certificate(Known known) {
    return tx.createQuery("select der from certificate where issuer = :issuer and serial = :serial")
        .bind("issuer", known.issuer())
        .bind("serial", known.serial())
        .map((row, context) -> Pem.decode(row.getBytes("der")))
        .one();
  }

  private List<String> replaced(ToBeSigned request) {
    return request.approved().entitlement() instanceof Entitlement.PresentCertificate shown
        ? new Succession(facts, request, shown).replaced(now)
        : List.of();
  }

  /** Serials of the oldest certificates that are one too many beside a new one. */
  private List<String> displaced(ToBeSigned request, List<String> replaced) {
    List<Known> live =
        facts.certificates(request.deviceId().value()).stream()
            .filter(Known::isIssued)
            .filter(known -> known.isLive(now) && known.issuer().equals(request.issuer()))
            .filter(known -> !replaced.contains(known.serial()))
            .toList();
    int excess = live.size() + 1 - request.approved().profile().most();
    return live.stream().limit(Math.max(0, excess)).map(Known::serial).toList();
  }

  private void note(ToBeSigned request) {
    if (!facts.isKnown(request.deviceId().value())) {
      firstOfDevice.add(request);
    }
    if (facts.owner(request.keyHash()).isEmpty()) {
      firstOfKey.add(request);
    }
    facts.add(request);
  }

  private void insertDevices() {
    if (firstOfDevice.isEmpty()) {
      return;
    }
    PreparedBatch rows =
        tx.prepareBatch(
            "insert into device (id, profile, status, created_at) values (?, ?, 'granted', ?)");
    for (ToBeSigned request : firstOfDevice) {
      rows.add(request.deviceId().value(), request.approved().profile().name(), Sql.utc(now));
    }
    rows.execute();
  }

  private void insertKeys() {
    if (firstOfKey.isEmpty()) {
      return;
    }
    PreparedBatch rows = tx.prepareBatch("insert into device_key (hash, device_id) values (?, ?)");
    for (ToBeSigned request : firstOfKey) {
      rows.add(request.keyHash(), request.deviceId().value());
    }
    rows.execute();
  }

  private void insertCertificates() {
    if (accepted.isEmpty()) {
      return;
    }
    PreparedBatch rows =
        tx.prepareBatch(
            "insert into certificate (issuer, serial, device_id, subject, key_hash, state, way,"
                + " right_ref, replica, key_claim, not_before, not_after, reserved_at)"
                + " values (:issuer, :serial, :device, :subject, :key, 'reserved', :way, :right,"
                + " :replica, :claim, :notBefore, :notAfter, :now)");
    for (ToBeSigned request : accepted) {
      ApprovedRequest approved = request.approved();
      KeyClaim claim = approved.request().keyClaim();
      rows.bind("issuer", request.issuer())
          .bind("serial", request.serial().toString())
          .bind("device", request.isForDevice() ? request.deviceId().value() : null)
          .bind("subject", approved.identity().subject().toString())
          .bind("key", request.keyHash())
          .bind("way", approved.entitlement().way().toString())
          .bind("right", approved.entitlement().reference())
          .bind("replica", replica)
          .bind("claim", claim == null ? null : claim.toString())
          .bind("notBefore", Sql.utc(request.notBefore()))
          .bind("notAfter", Sql.utc(request.notAfter()))
          .bind("now", Sql.utc(now))
          .add();
    }
    rows.execute();
  }
}
