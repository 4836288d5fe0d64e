package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.device.Devices;
import io.guardbee.service.store.Sql;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** One transaction that completes what was reserved and signed. */
final class Completion {

  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final Handle tx;
  private final Instant now;

  Completion(Handle tx, Instant now) {
    this.tx = tx;
    this.now = now;
  }

  List<Outcome> of(List<Signed> signed) {
    if (signed.isEmpty()) {
      return List.of();
    }
    lockDevices(signed);
    abandonWhereReplacedIsInUse(signed);
    int[] updated = issue(signed);
    List<Outcome> outcomes = new ArrayList<>();
    List<Reserved> issued = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < updated.length; i++) {
      Signed one = signed.get(i);
      if (updated[i] == 0) {
        outcomes.add(new Outcome.Refused(overtaken(one.reserved().toBeSigned())));
      } else {
        outcomes.add(new Outcome.Issued(one.certificate(), false));
        entries.add(Issue.entry(one, now));
        entries.addAll(Issue.replaced(one, now));
        if (one.reserved().toBeSigned().isForDevice()) {
          issued.add(one.reserved());
        }
      }
    }
    Audit.record(tx, entries);
    if (!issued.isEmpty()) {
      activate(issued);
      endPredecessors(issued);
      endAtOnce(issued);
    }
    return outcomes;
  }

  /** In the order that everyone locks them: a revocation comes wholly before or wholly after. */
  private void lockDevices(List<Signed> signed) {
    List<String> devices =
        signed.stream()
            .map(one -> one.reserved().toBeSigned())
            .filter(ToBeSigned::isForDevice)
            .map(request -> request.deviceId().value())
            .distinct()
            .toList();
    if (!devices.isEmpty()) {
      tx.createQuery("select id from device where id in (<ids>) order by id for update")
          .bindList("ids", devices)
          .mapTo(String.class)
          .list();
    }
  }

  /** Of two successors of one certificate the one in use stays: nothing is issued in its place. */
  private void abandonWhereReplacedIsInUse(List<Signed> signed) {
    for (Signed one : signed) {
      List<String> replaced = one.reserved().ending().replaced();
      ToBeSigned request = one.reserved().toBeSigned();
      if (!replaced.isEmpty() && isAnyInUse(request.issuer(), replaced)) {
        tx.execute(
            "update certificate set state = 'abandoned'"
                + " where issuer = ? and serial = ? and state = 'reserved'",
            request.issuer(),
            request.serial().toString());
      }
    }
  }

  /** Locks the rows: a first use that comes later finds them ended. */
  private boolean isAnyInUse(String issuer, List<String> serials) {
    return tx.createQuery(
            "select first_used_at from certificate where issuer = :issuer"
                + " and serial in (<serials>) order by serial for update")
        .bind("issuer", issuer)
        .bindList("serials", serials)
        .map((row, context) -> row.getObject("first_used_at") != null)
        .list()
        .contains(true);
  }

  private int[] issue(List<Signed> signed) {
    PreparedBatch rows =
        tx.prepareBatch(
            "update certificate set state = 'issued', der = ?, issued_at = ?, issue_number ="
                + " (select coalesce(max(o.issue_number), 0) + 1 from certificate o"
                + " where o.device_id = certificate.device_id)"
                + " where issuer = ? and serial = ? and state = 'reserved'");
    for (Signed one : signed) {
      ToBeSigned request = one.reserved().toBeSigned();
      rows.add(der(one.certificate()), Sql.utc(now), request.issuer(), request.serial().toString());
    }
    return rows.execute();
  }

  private void activate(List<Reserved> issued) {
    PreparedBatch rows =
        tx.prepareBatch("update device set status = 'active', profile = ? where id = ?");
    for (Reserved one : issued) {
      ToBeSigned request = one.toBeSigned();
      rows.add(request.approved().profile().name(), request.deviceId().value());
    }
    rows.execute();
  }

  /**
   * Those before stay good for the overlap: a device may lose power before it has the new one.
   * Those past their own end are ended too: else one could be used again within its grace.
   */
  private void endPredecessors(List<Reserved> issued) {
    PreparedBatch rows =
        tx.prepareBatch(
            "update certificate set ends_at = :end where device_id = :device and issuer = :issuer"
                + " and state = 'issued' and serial <> :serial"
                + " and (ends_at is null or ends_at > :end)");
    for (Reserved one : issued) {
      ToBeSigned request = one.toBeSigned();
      for (String issuer : issuersOfPredecessors(request)) {
        rows.bind("end", Sql.utc(now.plus(request.approved().profile().renewal().overlap())))
            .bind("device", request.deviceId().value())
            .bind("issuer", issuer)
            .bind("serial", request.serial().toString())
            .add();
      }
    }
    rows.execute();
  }

  /** The profile of a renewal may have changed its authority since. */
  private static Set<String> issuersOfPredecessors(ToBeSigned request) {
    Set<String> issuers = new TreeSet<>(Set.of(request.issuer()));
    if (request.approved().entitlement() instanceof Entitlement.PresentCertificate shown) {
      issuers.add(shown.issuer());
    }
    return issuers;
  }

  private void endAtOnce(List<Reserved> issued) {
    PreparedBatch rows =
        tx.prepareBatch(
            "update certificate set ends_at = ?"
                + " where issuer = ? and serial = ? and state = 'issued'");
    for (Reserved one : issued) {
      Stream.concat(one.ending().displaced().stream(), one.ending().replaced().stream())
          .forEach(serial -> rows.add(Sql.utc(now), one.toBeSigned().issuer(), serial));
    }
    if (rows.size() > 0) {
      rows.execute();
    }
  }

  /** What became of it. */
  private record Fate(String state, boolean suspended) {}

  /** Its row is no longer as this process has left it. */
  private RefusedException overtaken(ToBeSigned request) {
    Optional<Fate> fate = fate(request);
    if (fate.isPresent() && fate.get().suspended()) {
      return Devices.suspended(request.deviceId());
    }
    if (fate.isPresent() && fate.get().state().equals("abandoned")) {
      return new RefusedException(
          Reason.STORAGE_FAILED,
          "the request for "
              + request.deviceId()
              + " was given up: this process was out of touch with the database for long, the"
              + " device was suspended for a moment, or a certificate that was to be replaced is in"
              + " use",
          "send it again: nothing was issued",
          ASK_AGAIN);
    }
    return new RefusedException(
        Reason.DEVICE_REVOKED,
        "device " + request.deviceId() + " was revoked while its certificate was being issued",
        "ask the operator for a new grant");
  }

  private Optional<Fate> fate(ToBeSigned request) {
    return tx.createQuery(
            "select c.state, d.suspended_at from certificate c"
                + " left join device d on d.id = c.device_id"
                + " where c.issuer = :issuer and c.serial = :serial")
        .bind("issuer", request.issuer())
        .bind("serial", request.serial().toString())
        .map(
            (row, context) ->
                new Fate(row.getString("state"), row.getObject("suspended_at") != null))
        .findOne();
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that we signed encodes", e);
    }
  }
}
