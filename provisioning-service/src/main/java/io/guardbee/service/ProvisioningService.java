package io.guardbee.service;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.service.api.BrokerRoutes;
import io.guardbee.service.api.DeviceRoutes;
import io.guardbee.service.api.FeedRoutes;
import io.guardbee.service.api.PublicRoutes;
import io.guardbee.service.api.PublicationRoutes;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Endpoints;
import io.guardbee.service.config.Home;
import io.guardbee.service.crl.RevocationLists;
import io.guardbee.service.device.Devices;
import io.guardbee.service.est.EstEnrolment;
import io.guardbee.service.est.EstRoutes;
import io.guardbee.service.factory.BatchEnrolment;
import io.guardbee.service.factory.FactoryRoutes;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.installation.HttpsCertificate;
import io.guardbee.service.installation.InstallationCertificates;
import io.guardbee.service.installation.ServerNames;
import io.guardbee.service.issuance.CertificateLedger;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.issuance.IssuingLine;
import io.guardbee.service.ocsp.OcspResponder;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.revocation.Revocations;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The running service. Reading {@link #start} is reading the architecture. */
public final class ProvisioningService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProvisioningService.class);

  /** More only queue up inside the module: each thread takes one of its sessions. */
  private static final int SIGNATURES_AT_ONCE = 8;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Home home;
  private final Config config;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final JsonMapper json = JsonMapper.builder().build();
  private @Nullable Endpoints endpoints;

  private ProvisioningService(Home home, Config config, Clock clock) {
    this.home = home;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Starts on that home; a new home is furnished first.
   *
   * @throws io.guardbee.pki.RefusedException whatever makes it impossible; then nothing is left
   *     open
   */
  public static ProvisioningService start(Home home, Config config, Clock clock)
      throws IOException {
    ProvisioningService service = new ProvisioningService(home, config, clock);
    try {
      service.start();
      return service;
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
  }

  private void start() throws IOException {
    LOG.info("cryptography by {}", NativeCrypto.install());
    SafeFiles.directory(home.directory());
    Database database = opened(Database.embedded(home.database()));
    Pkcs11Uri place = CaToken.uri(home, config);
    Token token = opened(Token.open(place));
    new Ceremonies(home.ca(), random, clock)
        .prepareFirstStart(new Ceremonies.Tokens(place, token), config.organization());
    Authorities authorities = Authorities.open(token, home.ca());

    CertificateLedger ledger = new CertificateLedger(database, UUID.randomUUID(), clock);
    reconcile(ledger);
    IssuingLine line =
        opened(
            new IssuingLine(
                new IssuingLine.Parts(authorities, Publication.of(config), ledger, random, clock),
                config.limits().queue(),
                SIGNATURES_AT_ONCE));
    Issuance issuance = new Issuance(authorities, line);
    InstallationProfiles own = new InstallationProfiles(config.organization());
    HttpsCertificate https = opened(furnish(issuance, own, authorities, token));

    Profiles profiles = new Profiles(config.profiles(), config.organization());
    Grants grants = new Grants(database, profiles, config.tokens().validity(), random, clock);
    Devices devices = new Devices(database, clock);
    EventLog log = new EventLog(database, json, clock);
    BrokerNodes brokers = new BrokerNodes();
    StatusFeed feed = new StatusFeed(log, brokers, json);
    Revocations revocations =
        new Revocations(
            database, log, feed, brokers, config.revocation().acknowledgeTimeout(), clock);

    RevocationLists lists =
        opened(
            RevocationLists.open(
                authorities, database, log, config.revocation().crlValidity(), clock));
    OcspResponder ocsp =
        new OcspResponder(new OcspResponder.Parts(authorities, database, issuance, own), clock);

    Callers callers = new Callers(authorities.trusted(), devices, clock);
    BatchEnrolment batch = new BatchEnrolment(devices, profiles, issuance, json);
    FactoryRoutes factory =
        opened(new FactoryRoutes(batch, grants, callers, json, config.limits().factoryRows()));
    HttpServer server =
        opened(
            new HttpServer(
                config,
                new HttpServer.Tls(https.key(), authorities.trusted()),
                json,
                List.of(
                    new EstRoutes(
                        authorities, new EstEnrolment(grants, profiles, issuance), callers),
                    new DeviceRoutes(devices, grants, revocations, callers, json),
                    factory,
                    new FeedRoutes(feed, callers, json),
                    new BrokerRoutes(issuance, own.listener(), callers),
                    new PublicationRoutes(authorities, lists, ocsp, home.ca(), clock),
                    new PublicRoutes(authorities, log, token::health, json))));
    opened(feed); // closed before the server: its streams would hold the server up
    endpoints = endpoints(server.start(), authorities);
    endpoints.write(home);
  }

  /** Where it listens. */
  public Endpoints endpoints() {
    return Objects.requireNonNull(endpoints, "started");
  }

  private static void reconcile(CertificateLedger ledger) {
    int abandoned = ledger.reconcile();
    if (abandoned > 0) {
      LOG.warn(
          "{} issuances were cut off by the last stop; their tokens may be used again", abandoned);
    }
  }

  private HttpsCertificate furnish(
      Issuance issuance, InstallationProfiles profiles, Authorities authorities, Token token)
      throws IOException {
    Set<String> names = ServerNames.of(config.listen());
    InstallationCertificates installation =
        new InstallationCertificates(issuance, profiles, authorities, home, names, clock);
    installation.operator();
    installation.broker();
    return installation.https(token, config.tls().key());
  }

  private Endpoints endpoints(HttpServer.Ports ports, Authorities authorities) {
    String host = ServerNames.host(config.listen());
    return new Endpoints(
        "https://" + host + ":" + ports.https(),
        "http://" + host + ":" + ports.http(),
        "ssl://" + host + ":" + config.listen().mqtts(),
        home.ca().resolve("root.pem").toString(),
        home.operator().resolve("operator.pem").toString(),
        home.operator().resolve("operator.key").toString(),
        Fingerprint.of(authorities.root()).toString());
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  /** Stops listening, then closes what is beneath, in reverse order of opening. */
  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        LOG.warn("a part did not close cleanly: {}", e.toString());
      }
    }
  }
}
