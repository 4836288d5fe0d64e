package io.guardbee.service.ocsp;

import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.jspecify.annotations.Nullable;

/** What the record says of certificates, at this moment and for every replica. Thread-safe. */
final class StatusRecords {

  private final Database database;
  private final Authorities authorities;

  StatusRecords(Database database, Authorities authorities) {
    this.database = database;
    this.authorities = authorities;
  }

  Status of(Authority authority, BigInteger serial) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select c.state, c.revoked_at, c.revocation_reason, c.der, d.suspended_at"
                        + " from certificate c left join device d on d.id = c.device_id"
                        + " where c.issuer = :issuer and c.serial = :serial")
                .bind("issuer", authority.role())
                .bind("serial", hex(serial))
                .map((row, context) -> status(row, authority))
                .findOne()
                .orElseGet(Status.Unknown::new));
  }

  /** As the record writes serials; one that is none of ours is found nowhere. */
  private static String hex(BigInteger serial) {
    String hex = serial.toString(16).toUpperCase(Locale.ROOT);
    return hex.length() % 2 == 0 ? hex : "0" + hex;
  }

  private Status status(ResultSet row, Authority authority) throws SQLException {
    byte[] der = row.getBytes("der");
    if (der != null && !isSignedBy(authority, der)) {
      return new Status.Unknown();
    }
    return switch (row.getString("state")) {
      case "issued" -> issued(Sql.instantOrNull(row, "suspended_at"));
      case "revoked" ->
          new Status.Revoked(
              Sql.instant(row, "revoked_at"),
              RevocationReason.parse(row.getString("revocation_reason")));
      default -> new Status.Unknown(); // reserved or abandoned: nobody was given it
    };
  }

  /** RFC 6960 §2.2: on hold is revoked, until it is good again. */
  private static Status issued(@Nullable Instant suspended) {
    return suspended == null
        ? new Status.Good()
        : new Status.Revoked(suspended, RevocationReason.CERTIFICATE_HOLD);
  }

  /** Serials are unique for a role; which of its keys signed is in the certificate. */
  private boolean isSignedBy(Authority authority, byte[] der) {
    if (authorities.believed(authority.role()).size() == 1) {
      return true;
    }
    AuthorityKeyIdentifier signer =
        AuthorityKeyIdentifier.fromExtensions(
            Certificate.getInstance(der).getTBSCertificate().getExtensions());
    return signer != null
        && Arrays.equals(signer.getKeyIdentifierOctets(), authority.keyIdentifier().octets());
  }
}
