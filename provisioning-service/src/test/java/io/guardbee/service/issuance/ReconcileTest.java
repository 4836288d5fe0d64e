package io.guardbee.service.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.Csr;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.config.Config.ProfileSettings;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Grants.Wanted;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.revocation.Revocations;
import io.guardbee.service.store.Database;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a crash, or a revocation, between two steps of an issuance leaves behind. */
class ReconcileTest {

  private static final DeviceId DEVICE = new DeviceId("d-1");
  private static final Profile SENSOR =
      new Profile("sensor", Identity.ISSUING, Duration.ofDays(1), List.of(Purpose.CLIENT));

  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();
  private final TestCa ca = TestCa.root().authority("issuing");
  private final Authority authority = new Authority("issuing", ca.certificate(), ca.key());

  @TempDir private Path directory;
  private Database database;
  private Grants grants;
  private CertificateLedger ledger;

  @BeforeEach
  void open() throws IOException {
    database = Database.embedded(directory);
    Profiles profiles = new Profiles(Map.of("sensor", new ProfileSettings(Duration.ofDays(1))));
    grants = new Grants(database, profiles, Duration.ofHours(1), random, clock);
    ledger = new CertificateLedger(database, clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private String grant() {
    return grants.grant(List.of(new Wanted(DEVICE, Optional.empty()))).get(0).token();
  }

  private Reserved reserve(String token) {
    ApprovedRequest approved =
        ApprovedRequest.forDevice(
            CertificateRequest.parse(Csr.of(Csr.newKey()).der()),
            Identity.device(Identity.ISSUING, DEVICE, "sensor", ""),
            SENSOR,
            new Entitlement.Token(grants.check(DEVICE, token).id()));
    return ledger.reserve(new ToBeSigned(approved, ca.certificate(), Serial.random(random), clock));
  }

  @Test
  void crashBeforeCompletionGivesTheTokenBack() {
    String token = grant();
    reserve(token);
    assertThatThrownBy(() -> grants.check(DEVICE, token))
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.TOKEN_USED);

    assertThat(ledger.reconcile()).isEqualTo(1);

    ledger.complete(new Signed(reserve(token), authority));
    assertThat(ledger.reconcile()).as("nothing is pending any more").isZero();
  }

  @Test
  void completedCertificateIsNotTakenBack() {
    String token = grant();
    ledger.complete(new Signed(reserve(token), authority));
    assertThat(ledger.reconcile()).isZero();
    assertThatThrownBy(() -> grants.check(DEVICE, token))
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.TOKEN_USED);
  }

  @Test
  void failedSignatureGivesTheTokenBackAtOnce() {
    String token = grant();
    ledger.abandon(reserve(token));
    ledger.complete(new Signed(reserve(token), authority));
  }

  @Test
  void moduleThatSignsWronglyIssuesNothing() {
    Authority faulty =
        new Authority("issuing", ca.certificate(), TestCa.root().authority("other").key());
    Reserved reserved = reserve(grant());
    assertThatThrownBy(() -> new Signed(reserved, faulty))
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.MODULE_FAILED);
  }

  @Test
  void revocationWinsOverAnIssuanceUnderWay() throws InterruptedException {
    Signed signed = new Signed(reserve(grant()), authority);
    EventLog log = new EventLog(database, JsonMapper.builder().build(), clock);
    BrokerNodes nodes = new BrokerNodes();
    StatusFeed feed = new StatusFeed(log, nodes, JsonMapper.builder().build());
    var receipt =
        new Revocations(database, log, feed, nodes, Duration.ofSeconds(1), clock)
            .revoke(DEVICE, RevocationReason.KEY_COMPROMISE);
    assertThat(receipt.serials()).containsExactly(Serial.of(signed.certificate()).toString());
    assertThatThrownBy(() -> ledger.complete(signed))
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.DEVICE_REVOKED);
  }
}
