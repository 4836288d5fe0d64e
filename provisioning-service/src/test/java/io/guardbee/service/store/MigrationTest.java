package io.guardbee.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import io.guardbee.service.device.Devices;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.issuance.CertificateLedger;
import io.guardbee.service.profile.Profiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A home of an older version is opened by this one, and nothing of it is lost. */
class MigrationTest {

  private static final UUID USED = UUID.randomUUID();
  private static final UUID CUT_OFF = UUID.randomUUID();

  @TempDir private Path directory;

  private static String hash(String token) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
  }

  /** As version 2 wrote it. */
  private void writeOldHome() throws Exception {
    String url = "jdbc:h2:file:" + directory.resolve("db/guardbee");
    Flyway.configure().dataSource(url, null, null).target("2").load().migrate();
    try (Connection connection = DriverManager.getConnection(url);
        Statement sql = connection.createStatement()) {
      for (String device :
          new String[] {
            "used-1:active", "open-1:granted", "late-1:granted", "gone-1:revoked", "cut-1:granted"
          }) {
        String[] parts = device.split(":", 2);
        sql.execute(
            "insert into device values ('" + parts[0] + "', 'sensor', '" + parts[1] + "', now())");
      }
      token(sql, USED, "used-1", "1", "now()");
      token(sql, UUID.randomUUID(), "open-1", "1", "null");
      token(sql, UUID.randomUUID(), "late-1", "-1", "null");
      token(sql, CUT_OFF, "cut-1", "1", "now()");
      certificate(sql, "A1", "used-1", "issued", "'" + USED + "'");
      certificate(sql, "A2", "used-1", "issued", "null"); // a renewal
      certificate(sql, "B1", "gone-1", "revoked", "null");
      certificate(sql, "C1", "cut-1", "reserved", "'" + CUT_OFF + "'");
      sql.execute("insert into device_key values ('key-A1', 'used-1', null)");
      sql.execute("insert into device_key values ('key-B1', 'gone-1', now())");
      sql.execute("insert into feed_counter values (1, random_uuid(), 3)");
      sql.execute("insert into feed_event values (3, '{}', now())");
    }
  }

  private static void token(Statement sql, UUID id, String device, String hours, String used)
      throws Exception {
    sql.execute(
        "insert into enrolment_token (id, device_id, profile, hash, created_at, expires_at,"
            + " used_at) values ('%s', '%s', 'sensor', '%s', now(), dateadd(hour, %s, now()), %s)"
                .formatted(id, device, hash("secret-" + device), hours, used));
  }

  private static void certificate(
      Statement sql, String serial, String device, String state, String token) throws Exception {
    sql.execute(
        "insert into certificate (issuer, serial, device_id, subject, key_hash, state, token_id,"
            + " not_before, not_after, reserved_at) values ('issuing', '%s', '%s', 'CN=%s',"
                .formatted(serial, device, device)
            + " 'key-%s', '%s', %s, now(), dateadd(day, 9, now()), now())"
                .formatted(serial, state, token));
  }

  @Test
  void nothingIsLostAndWhatWasUsedStaysUsed() throws Exception {
    writeOldHome();
    Clock clock = Clock.systemUTC();
    Home home = new Home(directory);
    try (Database database = Database.open(home, ConfigFile.load(home).db());
        Replica replica = Replica.join(database)) {
      Devices devices = new Devices(database, clock);
      assertThat(devices.list("", 10)).hasSize(5);
      assertThat(devices.find(new DeviceId("used-1")).certificates()).hasSize(2);
      assertThat(devices.find(new DeviceId("gone-1")).status()).isEqualTo("revoked");
      assertThat(devices.find(new DeviceId("gone-1")).certificates().get(0).status())
          .isEqualTo("revoked");
      assertThat(new CertificateLedger(database, replica.id(), clock).reconcile()).isEqualTo(1);

      Grants grants = grants(database, home, clock);
      assertThat(grants.check(new DeviceId("open-1"), "secret-open-1").profile().name())
          .isEqualTo("sensor");
      grants.check(new DeviceId("cut-1"), "secret-cut-1"); // given back
      assertThatThrownBy(() -> grants.check(new DeviceId("late-1"), "secret-late-1"))
          .extracting(e -> ((RefusedException) e).reason())
          .isEqualTo(Reason.TOKEN_EXPIRED);
      assertThat(usedRights(database)).isEqualTo(USED.toString());
      assertThat(succession(database)).containsExactly("A1 1 used", "A2 2 used");
    }
  }

  private static Grants grants(Database database, Home home, Clock clock) throws IOException {
    return new Grants(
        database,
        new Profiles(ConfigFile.load(home).profiles(), ""),
        Duration.ofHours(1),
        new SecureRandom(),
        clock);
  }

  /**
   * Nothing is known of the use of old certificates: they count as used, and are never replaced.
   */
  private static List<String> succession(Database database) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select serial, issue_number, first_used_at from certificate"
                        + " where device_id = 'used-1' order by serial")
                .map(
                    (row, context) ->
                        row.getString("serial")
                            + " "
                            + row.getInt("issue_number")
                            + (row.getObject("first_used_at") == null ? " unused" : " used"))
                .list());
  }

  private static String usedRights(Database database) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select right_ref from certificate where way = 'token'"
                        + " and state <> 'abandoned'")
                .mapTo(String.class)
                .one());
  }
}
