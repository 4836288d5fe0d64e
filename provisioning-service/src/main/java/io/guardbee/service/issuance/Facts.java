package io.guardbee.service.issuance;

import io.guardbee.pki.Subject;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What the database knows of all that a batch asks for, read at once with the devices' rows locked.
 * What is decided for one application is a fact for the next. Belongs to one transaction.
 */
final class Facts {

  /** A certificate on record that is not abandoned. */
  record Known(
      String deviceId,
      String issuer,
      String serial,
      String keyHash,
      String state,
      Right right,
      Life life) {

    boolean isIssued() {
      return state.equals("issued");
    }

    boolean isUnderWay() {
      return state.equals("reserved");
    }

    boolean isLive(Instant now) {
      return (isIssued() || isUnderWay()) && now.isBefore(life.notAfter()) && !life.isOver(now);
    }
  }

  /** By what right a certificate was issued, and with which subject. */
  record Right(String way, @Nullable String reference, String subject) {

    boolean isOfProfile(String profile) {
      return Subject.parse(subject).values("OU").equals(List.of(profile));
    }
  }

  /**
   * The time in which a certificate is good.
   *
   * @param ends when it ends because a successor was issued; null while there is none
   * @param number its place among the certificates issued to the device; 0 before its issue
   * @param used whether it was accepted anywhere
   * @param superseded whether it is revoked because of its successor
   */
  record Life(
      Instant notBefore,
      Instant notAfter,
      @Nullable Instant ends,
      int number,
      boolean used,
      boolean superseded) {

    boolean isOver(Instant now) {
      return superseded || (ends != null && !now.isBefore(ends));
    }
  }

  /**
   * Whose key it is.
   *
   * @param deviceId null for a key that was blocked before any device had it
   */
  record Owner(@Nullable String deviceId, boolean revoked) {}

  /** A token's row. */
  record Token(boolean withdrawn, Instant expires) {}

  private final Map<String, String> standingOfDevice = new HashMap<>();
  private final Map<String, List<Known>> certificates = new HashMap<>();
  private final Map<String, Owner> keys = new HashMap<>();
  private final Map<String, Token> tokens = new HashMap<>();

  private Facts() {}

  /** Reads what concerns these requests, all of them devices'. */
  static Facts read(Handle tx, List<ToBeSigned> requests, Instant now) {
    Facts facts = new Facts();
    if (requests.isEmpty()) {
      return facts;
    }
    Set<String> devices = new TreeSet<>(); // locked in one order by everyone: no deadlock
    Set<String> hashes = new HashSet<>();
    Set<String> references = new HashSet<>();
    for (ToBeSigned request : requests) {
      devices.add(request.deviceId().value());
      hashes.add(request.keyHash());
      references.add(request.approved().entitlement().reference());
    }
    facts.readDevices(tx, devices);
    facts.readCertificates(tx, devices, references, now);
    facts.readKeys(tx, hashes);
    facts.readTokens(tx, requests);
    return facts;
  }

  private void readDevices(Handle tx, Collection<String> devices) {
    tx.createQuery(
            "select id, case when suspended_at is null then status else 'suspended' end as standing"
                + " from device where id in (<ids>) order by id for update")
        .bindList("ids", List.copyOf(devices))
        .map((row, context) -> Map.entry(row.getString("id"), row.getString("standing")))
        .forEach(entry -> standingOfDevice.put(entry.getKey(), entry.getValue()));
  }

  private void readCertificates(
      Handle tx, Set<String> devices, Set<String> references, Instant now) {
    tx.createQuery(
            "select device_id, issuer, serial, subject, key_hash, state, way, right_ref,"
                + " not_before, not_after, ends_at, issue_number, first_used_at,"
                + " revocation_reason from certificate where device_id in (<devices>)"
                + " and state <> 'abandoned' and (not_after > :now or right_ref in (<refs>)"
                + " or serial in (<refs>)) order by reserved_at")
        .bindList("devices", List.copyOf(devices))
        .bindList("refs", List.copyOf(references))
        .bind("now", Sql.utc(now))
        .map((row, context) -> known(row))
        .forEach(this::add);
  }

  private static Known known(ResultSet row) throws SQLException {
    return new Known(
        row.getString("device_id"),
        row.getString("issuer"),
        row.getString("serial"),
        row.getString("key_hash"),
        row.getString("state"),
        new Right(row.getString("way"), row.getString("right_ref"), row.getString("subject")),
        new Life(
            Sql.instant(row, "not_before"),
            Sql.instant(row, "not_after"),
            Sql.instantOrNull(row, "ends_at"),
            row.getInt("issue_number"),
            row.getObject("first_used_at") != null,
            "superseded".equals(row.getString("revocation_reason"))));
  }

  private void readKeys(Handle tx, Set<String> hashes) {
    tx.createQuery("select hash, device_id, revoked_at from device_key where hash in (<hashes>)")
        .bindList("hashes", List.copyOf(hashes))
        .map(
            (row, context) ->
                Map.entry(
                    row.getString("hash"),
                    new Owner(row.getString("device_id"), row.getObject("revoked_at") != null)))
        .forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
  }

  private void readTokens(Handle tx, List<ToBeSigned> requests) {
    List<java.util.UUID> ids = new ArrayList<>();
    for (ToBeSigned request : requests) {
      if (request.approved().entitlement() instanceof Entitlement.Token token) {
        ids.add(token.id());
      }
    }
    if (ids.isEmpty()) {
      return;
    }
    tx.createQuery("select id, voided_at, expires_at from enrolment_token where id in (<ids>)")
        .bindList("ids", ids)
        .map(
            (row, context) ->
                Map.entry(
                    row.getString("id"),
                    new Token(row.getObject("voided_at") != null, Sql.instant(row, "expires_at"))))
        .forEach(entry -> tokens.put(entry.getKey(), entry.getValue()));
  }

  boolean isKnown(String deviceId) {
    return standingOfDevice.containsKey(deviceId);
  }

  boolean isRevoked(String deviceId) {
    return "revoked".equals(standingOfDevice.get(deviceId));
  }

  boolean isSuspended(String deviceId) {
    return "suspended".equals(standingOfDevice.get(deviceId));
  }

  /** Of that device, oldest first. */
  List<Known> certificates(String deviceId) {
    return certificates.getOrDefault(deviceId, List.of());
  }

  Optional<Known> certificate(Entitlement.PresentCertificate shown, String deviceId) {
    return certificates(deviceId).stream()
        .filter(known -> known.serial().equals(shown.reference()))
        .filter(known -> known.issuer().equals(shown.issuer()))
        .findFirst();
  }

  Optional<Owner> owner(String keyHash) {
    return Optional.ofNullable(keys.get(keyHash));
  }

  Optional<Token> token(Entitlement.Token token) {
    return Optional.ofNullable(tokens.get(token.reference()));
  }

  /** From now on it is reserved. */
  void add(ToBeSigned reserved) {
    String deviceId = reserved.deviceId().value();
    standingOfDevice.putIfAbsent(deviceId, "granted");
    keys.putIfAbsent(reserved.keyHash(), new Owner(deviceId, false));
    add(
        new Known(
            deviceId,
            reserved.approved().profile().issuer(),
            reserved.serial().toString(),
            reserved.keyHash(),
            "reserved",
            new Right(
                reserved.approved().entitlement().way().toString(),
                reserved.approved().entitlement().reference(),
                reserved.approved().identity().subject().toString()),
            new Life(reserved.notBefore(), reserved.notAfter(), null, 0, false, false)));
  }

  private void add(Known known) {
    certificates.computeIfAbsent(known.deviceId(), id -> new ArrayList<>()).add(known);
  }
}
