package io.guardbee.service;

import com.fasterxml.jackson.annotation.Nulls;
import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Identity;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.service.api.ApprovalRoutes;
import io.guardbee.service.api.AuditRoutes;
import io.guardbee.service.api.BackupRoutes;
import io.guardbee.service.api.BrokerReportRoutes;
import io.guardbee.service.api.BrokerRoutes;
import io.guardbee.service.api.DeviceRoutes;
import io.guardbee.service.api.ExplainRoutes;
import io.guardbee.service.api.FeedRoutes;
import io.guardbee.service.api.GrantRoutes;
import io.guardbee.service.api.PolicyRoutes;
import io.guardbee.service.api.PublicRoutes;
import io.guardbee.service.api.PublicationRoutes;
import io.guardbee.service.api.ReconciliationRoutes;
import io.guardbee.service.api.RevocationRoutes;
import io.guardbee.service.api.RoleRoutes;
import io.guardbee.service.api.SuspensionRoutes;
import io.guardbee.service.approval.Approvals;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.HeadFile;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.backup.Backup;
import io.guardbee.service.backup.RollbackDetection;
import io.guardbee.service.broker.Brokers;
import io.guardbee.service.broker.Suspender;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.ceremony.HeldCeremonies;
import io.guardbee.service.ceremony.RecordedAuthorities;
import io.guardbee.service.ceremony.RootList;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.service.crl.RevocationLists;
import io.guardbee.service.device.Devices;
import io.guardbee.service.est.EstEnrolment;
import io.guardbee.service.est.EstRoutes;
import io.guardbee.service.explain.Explain;
import io.guardbee.service.factory.BatchEnrolment;
import io.guardbee.service.factory.FactoryRoutes;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedSigner;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.feed.TrustNotice;
import io.guardbee.service.grant.AskedIssuers;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Invitations;
import io.guardbee.service.grant.StandingGrants;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.RoleConnections;
import io.guardbee.service.installation.HttpsCertificate;
import io.guardbee.service.installation.InstallationCertificates;
import io.guardbee.service.installation.InstallationNames;
import io.guardbee.service.installation.OneRoot;
import io.guardbee.service.installation.ServerNames;
import io.guardbee.service.issuance.CertificateLedger;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.issuance.IssuingLine;
import io.guardbee.service.limit.Rates;
import io.guardbee.service.ocsp.OcspResponder;
import io.guardbee.service.policy.ObservedRefusals;
import io.guardbee.service.policy.Policies;
import io.guardbee.service.policy.PolicyRecords;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.ReservedNames;
import io.guardbee.service.revocation.Announcer;
import io.guardbee.service.revocation.CertificateRevocations;
import io.guardbee.service.revocation.PredecessorAlarms;
import io.guardbee.service.revocation.Reconciliation;
import io.guardbee.service.revocation.Revocations;
import io.guardbee.service.revocation.Successions;
import io.guardbee.service.revocation.Suspensions;
import io.guardbee.service.revocation.UnconfirmedCertificates;
import io.guardbee.service.role.RoleCertificates;
import io.guardbee.service.serverkey.ServerKeys;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Replica;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

  /** A null among a list's values is nobody's meaning. */
  private final JsonMapper json =
      JsonMapper.builder()
          .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
          .build();

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
    Database database = opened(Database.open(home, config.db()));
    Replica replica = opened(Replica.join(database));
    OneRoot oneRoot = new OneRoot(database, home);
    oneRoot.check();
    Pkcs11Uri place = CaToken.uri(home, config);
    Token token = opened(Token.open(place));
    Ceremonies ceremonies = new Ceremonies(home.ca(), Publication.lasting(config), random, clock);
    ceremonies.prepareFirstStart(new Ceremonies.Tokens(place, token), config.organization());
    // the embedded token of one home: of several, each would sign another list by the same number
    boolean alone = config.hsm().uri().isBlank() && !database.isShared();
    RootList rootList = new RootList(ceremonies, Optional.of(place).filter(own -> alone), clock);
    rootList.look();
    Authorities authorities = Authorities.open(token, home.ca());
    oneRoot.record(authorities.root());
    RollbackDetection rollback = new RollbackDetection(database, home, clock);
    HeadFile head = HeadFile.in(home);
    rollback.atStart(head.read(), authorities.root());
    Audit audit = opened(new Audit(database, authorities, head, clock));
    HeldCeremonies held = HeldCeremonies.of(ceremonies.report());
    audit.started(config, held.all());

    CertificateLedger ledger = new CertificateLedger(database, replica.id(), clock);
    reconcile(ledger);
    replica.also(() -> reconcile(ledger));
    IssuingLine line =
        opened(
            new IssuingLine(
                new IssuingLine.Parts(authorities, Publication.of(config), ledger, random, clock),
                config.limits().queue(),
                SIGNATURES_AT_ONCE));
    Issuance issuance = new Issuance(authorities, line);
    InstallationProfiles own = new InstallationProfiles(config.organization());
    EventLog log =
        new EventLog(
            database, json, clock, new FeedSigner(authorities.byRole(Identity.OPERATIONS)));
    RoleCertificates roles = new RoleCertificates(database, log, clock);
    RoleConnections connections = new RoleConnections(roles);
    replica.also(
        () -> {
          if (roles.endSuperseded()) {
            connections.look();
          }
        });
    InstallationCertificates installation =
        new InstallationCertificates(
            new InstallationCertificates.Parts(issuance, own, authorities, roles, home),
            ServerNames.of(config.listen()),
            clock);
    opened(installation.home());
    HttpsCertificate https = opened(installation.https(token, config.tls().key()));

    ReservedNames reserved = new ReservedNames();
    InstallationNames names =
        new InstallationNames(database, ServerNames.of(config.listen()), reserved);
    names.record();
    replica.also(names::refresh);
    Profiles profiles = new Profiles(config.profiles(), config.organization(), reserved);
    Grants grants = new Grants(database, profiles, config.tokens().validity(), random, clock);
    StandingGrants standing = new StandingGrants(database, profiles, clock);
    Invitations invitations = new Invitations(grants, standing, profiles, clock);
    Devices devices = new Devices(database, clock);
    BrokerNodes brokers = new BrokerNodes(database, replica.id(), clock);
    replica.also(brokers::tidy);
    TrustNotice notice = new TrustNotice(database, log, json);
    notice.tell(believed(authorities));
    replica.also(log::prune);
    StatusFeed feed = new StatusFeed(log, brokers, rollback, json);
    opened(rootList.watch(() -> notice.tell(believed(authorities)).ifPresent(feed::published)));
    Policies policies =
        new Policies(
            new Policies.Parts(database, log, feed, brokers, json),
            config.revocation().acknowledgeTimeout(),
            clock);
    opened(
        database.news(
            () -> {
              connections.look();
              feed.look();
              policies.look();
            }));
    RevocationLists lists =
        opened(
            RevocationLists.open(
                authorities, database, log, config.revocation().crlValidity(), clock));
    Announcer announcer =
        new Announcer(feed, brokers, lists, config.revocation().acknowledgeTimeout());
    Revocations revocations = new Revocations(database, log, announcer, clock);
    Suspensions suspensions = new Suspensions(database, log, announcer, clock);
    CertificateRevocations certificates =
        new CertificateRevocations(
            new CertificateRevocations.Parts(database, log, authorities, connections),
            announcer,
            clock);
    UnconfirmedCertificates unconfirmed = new UnconfirmedCertificates(database, authorities, clock);
    tellWindows(unconfirmed);
    Reconciliation reconciliation =
        new Reconciliation(
            new Reconciliation.Parts(database, log, feed, authorities, unconfirmed, certificates),
            clock);
    opened(new Successions(database, log, feed, clock));

    Approvals approvals =
        Approvals.open(
            new Approvals.Parts(database, issuance, clock), config.approval(), home, profiles);
    OcspResponder ocsp =
        new OcspResponder(new OcspResponder.Parts(authorities, database, issuance, own), clock);

    Callers callers =
        new Callers(authorities.trusted(), devices, connections, unconfirmed::seenHere, clock);
    Attempts attempts = opened(new Attempts(database, config.limits().refusals(), clock));
    PredecessorAlarms predecessors = new PredecessorAlarms(database, attempts, clock);
    ObservedRefusals observed = new ObservedRefusals(database, clock);
    Suspender suspender = (device, why, by) -> suspensions.suspendAtOnce(device, why, by);
    Brokers nodes =
        new Brokers(
            new Brokers.Parts(
                database, brokers, log, attempts, observed, devices, predecessors, unconfirmed),
            suspender,
            config.clones(),
            clock);
    replica.also(nodes::tidy);
    Rates rates =
        new Rates(
            new Rates.PerMinute(
                config.limits().perAddress(),
                config.limits().perIdentity(),
                config.limits().handshakesPerAddress()),
            System::nanoTime);
    Explain explain =
        new Explain(
            new Explain.Parts(database, attempts, profiles, authorities.trusted(), approvals),
            clock);
    BatchEnrolment batch =
        new BatchEnrolment(
            devices, profiles, issuance, new BatchEnrolment.Records(attempts, audit), json);
    FactoryRoutes factory =
        opened(
            new FactoryRoutes(
                new FactoryRoutes.Parts(batch, grants, callers, json),
                config.limits().factoryRows(),
                config.limits().factoryStreams()));
    HttpServer server =
        opened(
            new HttpServer(
                config,
                new HttpServer.Tls(
                    https.key(), new AskedIssuers(authorities.trusted().all(), standing)),
                new HttpServer.Guards(callers, rates, attempts),
                json,
                List.of(
                    new EstRoutes(
                        authorities,
                        profiles,
                        new EstEnrolment(
                            new EstEnrolment.Parts(
                                invitations,
                                approvals,
                                issuance,
                                new ServerKeys(token, https.key(), home.deviceKeys())),
                            predecessors),
                        callers),
                    new GrantRoutes(standing, callers, json, clock),
                    new DeviceRoutes(devices, grants, revocations, callers, json),
                    new RevocationRoutes(revocations, certificates, callers, json),
                    new ReconciliationRoutes(reconciliation, callers, json),
                    new SuspensionRoutes(suspensions, callers, json),
                    new ApprovalRoutes(approvals, callers, json),
                    new ExplainRoutes(explain, callers, json),
                    factory,
                    new AuditRoutes(audit, callers, json),
                    new FeedRoutes(feed, callers, config.limits().feeds(), json),
                    new BackupRoutes(new Backup(database, home), callers),
                    new BrokerRoutes(issuance, own.listener(), callers),
                    new RoleRoutes(
                        new RoleRoutes.Parts(roles, connections, issuance, own, feed),
                        callers,
                        json),
                    new BrokerReportRoutes(nodes, policies, callers, json, clock),
                    new PolicyRoutes(
                        policies,
                        new PolicyRecords(database, brokers, json),
                        observed,
                        callers,
                        json),
                    new PublicationRoutes(authorities, lists, ocsp, home.ca(), clock),
                    new PublicRoutes(
                        new PublicRoutes.Parts(
                            authorities,
                            log,
                            token::health,
                            replica::health,
                            rootList::state,
                            unconfirmed::windows),
                        callers,
                        json))));
    opened(feed); // closed before the server: its streams would hold the server up
    endpoints = Whereabouts.of(home, config.listen(), server.start(), authorities.root());
    endpoints.write(home.directory());
  }

  /** Where it listens. */
  public Endpoints endpoints() {
    return Objects.requireNonNull(endpoints, "started");
  }

  private TrustNotice.Believed believed(Authorities authorities) throws IOException {
    RecordedAuthorities recorded = RecordedAuthorities.read(home.ca(), authorities);
    return new TrustNotice.Believed(
        recorded.generation(),
        List.of(authorities.root()),
        recorded.issuing(),
        recorded.records(),
        recorded.crl());
  }

  private static void tellWindows(UnconfirmedCertificates unconfirmed) {
    for (FeedMessage.Window window : unconfirmed.windows()) {
      LOG.warn(
          "a backup was put back: certificates that begin from {} until {} and are not on record"
              + " are refused; see which are in use: guardbee restore reconcile",
          window.from(),
          window.until());
    }
  }

  private static void reconcile(CertificateLedger ledger) {
    int abandoned = ledger.reconcile();
    if (abandoned > 0) {
      LOG.warn(
          "{} issuances were cut off by the end of a process or of a connection; their rights may"
              + " be used again",
          abandoned);
    }
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
