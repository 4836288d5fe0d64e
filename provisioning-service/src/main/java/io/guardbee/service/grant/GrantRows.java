package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.service.profile.Way;
import io.guardbee.service.store.Sql;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Standing grants as rows. */
final class GrantRows {

  private GrantRows() {}

  /** Oldest first. */
  static List<StandingGrant> read(Handle tx) {
    Map<UUID, List<X509Certificate>> certificates = new HashMap<>();
    tx.createQuery("select grant_id, der from grant_certificate order by grant_id, place")
        .map(
            (row, context) ->
                Map.entry(row.getObject("grant_id", UUID.class), Pem.decode(row.getBytes("der"))))
        .forEach(
            entry ->
                certificates
                    .computeIfAbsent(entry.getKey(), id -> new ArrayList<>())
                    .add(entry.getValue()));
    return tx.createQuery("select * from standing_grant order by created_at, name")
        .map((row, context) -> grant(row, certificates))
        .list();
  }

  private static StandingGrant grant(ResultSet row, Map<UUID, List<X509Certificate>> certificates)
      throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    return new StandingGrant(
        id,
        row.getString("name"),
        holder(row, certificates.getOrDefault(id, List.of())),
        new StandingGrant.Terms(
            List.of(row.getString("profiles").split(",")),
            number(row, "budget"),
            Sql.instantOrNull(row, "expires_at"),
            row.getBoolean("any_name"),
            row.getBoolean("may_replace")),
        new StandingGrant.Course(
            row.getString("created_by"),
            Sql.instant(row, "created_at"),
            Sql.instantOrNull(row, "withdrawn_at")),
        row.getInt("used"));
  }

  private static Holder holder(ResultSet row, List<X509Certificate> certificates)
      throws SQLException {
    return switch (Way.valueOf(row.getString("kind").toUpperCase(Locale.ROOT))) {
      case MANUFACTURER ->
          new Holder.Manufacturer(
              certificates,
              new IdRule(
                  row.getString("id_from"),
                  row.getString("id_pattern"),
                  row.getString("id_template")));
      case CLAIM -> new Holder.Claim(certificates.get(0), row.getInt("per_minute"));
      case STATION -> new Holder.Station(new DeviceId(row.getString("name")));
      default -> throw new IllegalStateException("no standing grant: " + row.getString("kind"));
    };
  }

  static @Nullable Integer number(ResultSet row, String column) throws SQLException {
    int number = row.getInt(column);
    return row.wasNull() ? null : number;
  }

  static void insert(Handle tx, StandingGrant grant) {
    Update update =
        tx.createUpdate(
                "insert into standing_grant (id, name, open_name, kind, profiles, budget, used,"
                    + " any_name, may_replace, id_from, id_pattern, id_template, per_minute, created_by,"
                    + " created_at, expires_at) values (:id, :name, :name, :kind, :profiles,"
                    + " :budget, 0, :anyName, :mayReplace, :idFrom, :idPattern, :idTemplate, :perMinute, :by,"
                    + " :created, :until)")
            .bind("id", grant.id())
            .bind("name", grant.name())
            .bind("kind", grant.holder().way().toString())
            .bind("profiles", String.join(",", grant.terms().profiles()))
            .bind("budget", grant.terms().budget())
            .bind("anyName", grant.terms().anyName())
            .bind("mayReplace", grant.terms().mayReplace())
            .bind("by", grant.course().by())
            .bind("created", Sql.utc(grant.course().created()))
            .bind("until", grant.terms().until() == null ? null : Sql.utc(grant.terms().until()));
    bindHolder(update, grant.holder());
    update.execute();
    insertCertificates(tx, grant);
  }

  private static void bindHolder(Update update, Holder holder) {
    IdRule ids = holder instanceof Holder.Manufacturer maker ? maker.ids() : null;
    update
        .bind("idFrom", ids == null ? null : ids.attribute())
        .bind("idPattern", ids == null ? null : ids.pattern())
        .bind("idTemplate", ids == null ? null : ids.template())
        .bind("perMinute", holder instanceof Holder.Claim claim ? claim.perMinute() : null);
  }

  private static void insertCertificates(Handle tx, StandingGrant grant) {
    if (grant.holder().certificates().isEmpty()) {
      return;
    }
    PreparedBatch rows =
        tx.prepareBatch("insert into grant_certificate (grant_id, place, der) values (?, ?, ?)");
    int place = 0;
    for (X509Certificate certificate : grant.holder().certificates()) {
      rows.add(grant.id(), place++, Objects.requireNonNull(der(certificate)));
    }
    rows.execute();
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was parsed encodes", e);
    }
  }
}
