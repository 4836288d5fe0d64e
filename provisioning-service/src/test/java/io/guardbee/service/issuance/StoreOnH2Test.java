package io.guardbee.service.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.service.store.Database;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract kept by H2. */
class StoreOnH2Test extends StoreContract {

  @Override
  Database open() throws IOException {
    return Database.embedded(directory);
  }

  /** Those that run at each request, each first use, each issue. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select c.state, c.ends_at, d.suspended_at from certificate c left join device d"
            + " on d.id = c.device_id where c.issuer = 'issuing' and c.serial = 'A'",
        "update certificate set first_used_at = coalesce(first_used_at, now())"
            + " where issuer = 'issuing' and serial = 'A' and state = 'issued'"
            + " and (ends_at is null or ends_at > now())",
        "select issuer, serial from certificate where issuer = 'issuing' and serial in ('A', 'B')"
            + " and first_used_at is null and device_id is not null",
        "select max(o.issue_number) from certificate o where o.device_id = 'd-1'",
        "select serial from certificate where device_id = 'd-1' and issuer = 'issuing'"
            + " and state = 'issued' order by issue_number desc fetch first 1 rows only",
        "select c.serial, (select max(s.serial) from certificate s where s.device_id = c.device_id"
            + " and s.issuer = c.issuer and s.issue_number > c.issue_number"
            + " and s.first_used_at is not null) from certificate c where c.issuer in"
            + " ('issuing', 'operations') and c.serial = 'A' and c.ends_at is not null",
        "update certificate set ends_at = now() where device_id = 'd-1' and issuer = 'issuing'"
            + " and state = 'issued' and serial <> 'A' and (ends_at is null or ends_at > now())"
      })
  void statementReadsByAnIndexOfOneDeviceOrCertificate(String sql) {
    String plan =
        database.transact(tx -> tx.createQuery("explain " + sql).mapTo(String.class).one());
    assertThat(plan)
        .doesNotContain("tableScan")
        .containsAnyOf("PRIMARY_KEY", "CERTIFICATE_BY_DEVICE", "AND SERIAL = 'A'");
  }
}
