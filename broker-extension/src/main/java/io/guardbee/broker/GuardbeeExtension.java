package io.guardbee.broker;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.broker.certificate.ListenerCertificate;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.door.Gatehouse;
import io.guardbee.broker.module.ModuleClasses;
import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.report.Node;
import io.guardbee.broker.report.ReportSender;
import io.guardbee.broker.service.IdentityRenewal;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.status.StatusFeed;
import io.guardbee.broker.tls.HandshakeRefusals;
import io.guardbee.broker.tls.HandshakeTrust;
import io.guardbee.broker.tls.ListenerKey;
import io.guardbee.broker.tls.ListenerSessions;
import io.guardbee.broker.tls.ListenerTrust;
import io.guardbee.broker.trust.Trust;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.broker.watch.Vitals;
import io.guardbee.broker.watch.Watchpost;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires the extension: configuration, status feed, trust, reports, listener certificate, door.
 * Reading it is reading the architecture.
 */
public final class GuardbeeExtension implements ExtensionMain {

  /** Tells a program that runs the broker in its own JVM how the start went. */
  public static final String OUTCOME = "guardbee.outcome";

  /** The value of {@link #OUTCOME} when the door is in place; else it says why it is not. */
  public static final String STARTED = "started";

  /** Tells a program that runs the broker in its own JVM whether devices are admitted now. */
  public static final String SERVING = "guardbee.serving";

  /** The broker's version, where a program that runs it knows better than it does. */
  public static final String HIVEMQ_VERSION = "guardbee.hivemq.version";

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(GuardbeeExtension.class);

  /** What is to be closed, the last one first. */
  private final Deque<AutoCloseable> open = new ConcurrentLinkedDeque<>();

  @Override
  public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
    try {
      start(input);
      System.setProperty(OUTCOME, STARTED);
    } catch (RefusedException e) {
      fail(output, e.line());
    } catch (RuntimeException | LinkageError e) {
      LOG.error("guardbee cannot start", e);
      fail(output, "guardbee cannot start: " + e);
    }
  }

  private void start(ExtensionStartInput input) {
    LOG.info("cryptography by {}", NativeCrypto.install());
    Clock clock = Clock.systemUTC();
    Path folder = input.getExtensionInformation().getExtensionHomeFolder().toPath();
    Path data = input.getServerInformation().getDataFolder().toPath().resolve("guardbee");
    BrokerConfig config = BrokerConfig.read(folder, System.getProperties());
    ScheduledExecutorService executor = Services.extensionExecutorService();
    ModuleClasses module = closing(new ModuleClasses(folder.resolve("pkcs11")));
    NodeIdentity identity = new NodeIdentity(config, module);
    StatusFeed status =
        closing(new StatusFeed(config, identity, data, clock, GuardbeeExtension::thread));
    DoorMetrics metrics = closing(new DoorMetrics(Services.metricRegistry()));
    ReportSender reports = closing(reports(config, identity, input, clock));
    Trust trust = Trust.open(config, data, clock);
    var around =
        new Gatehouse.Neighbours(
            status.index(),
            trust,
            PolicyInForce.open(config.policy(), data, status.acknowledgedPolicy()),
            SessionOwners.in(data, executor),
            reports,
            metrics);
    Gatehouse house = closing(new Gatehouse(config, around, executor, clock));
    if (house.needsWholeStatus()) {
      status.askForAll();
    }
    var keys = new ListenerCertificate.Keys(identity, module, data);
    ListenerCertificate own =
        closing(ListenerCertificate.of(config, keys, clock, GuardbeeExtension::thread));
    HandshakeRefusals refusals = closing(new HandshakeRefusals(reports, metrics, clock));
    ListenerSessions.limit(config.tlsSessions());
    ListenerTrust.install(
        new HandshakeTrust(house::checkHandshake, () -> trust.issuers().all(), refusals));
    ListenerKey.claim();
    house.open();
    show(config, house.vitals(), metrics, reports, clock);
    status.start(house.evictor(), house.instructions(), trust::requireSigner);
    reports.start(house.vitals());
    own.start(ListenerKey::present);
    renewal(config, identity, clock).start();
    status.awaitFirstTry(LONGEST_WAIT); // HiveMQ binds its listeners after this
    own.awaitFirstTry(LONGEST_WAIT);
    var health = new Watchpost.HealthAnswer(config, house.vitals(), clock);
    tellServing(health);
    ScheduledFuture<?> sweeping =
        executor.scheduleWithFixedDelay(
            () -> {
              sweep(house, status, refusals);
              tellServing(health);
            },
            1,
            1,
            TimeUnit.SECONDS);
    closing(() -> sweeping.cancel(false));
  }

  private static ReportSender reports(
      BrokerConfig config, NodeIdentity identity, ExtensionStartInput input, Clock clock) {
    ExecutorService threads = Executors.newCachedThreadPool(GuardbeeExtension::thread);
    Node node =
        new Node(
            config.node(),
            input.getExtensionInformation().getVersion(),
            System.getProperty(HIVEMQ_VERSION, input.getServerInformation().getVersion()),
            clock.instant());
    return new ReportSender(ServiceClient.of(config, identity, threads), node, threads, clock);
  }

  private IdentityRenewal renewal(BrokerConfig config, NodeIdentity identity, Clock clock) {
    ExecutorService threads = Executors.newCachedThreadPool(GuardbeeExtension::thread);
    ServiceClient service = ServiceClient.of(config, identity, threads);
    return closing(new IdentityRenewal(service, identity, clock, threads));
  }

  private void show(
      BrokerConfig config, Vitals vitals, DoorMetrics metrics, ReportSender reports, Clock clock) {
    metrics.watch(vitals, clock);
    metrics.watchReports(reports::dropped);
    if (config.metrics() != null) {
      var health = new Watchpost.HealthAnswer(config, vitals, clock);
      closing(Watchpost.open(config.metrics(), metrics, health, GuardbeeExtension::thread));
    }
  }

  private <T extends AutoCloseable> T closing(T part) {
    open.push(part);
    return part;
  }

  private static void tellServing(Watchpost.HealthAnswer health) {
    System.setProperty(SERVING, String.valueOf(health.isServing()));
  }

  /** A failure must not end the repetition. */
  private static void sweep(Gatehouse house, StatusFeed status, HandshakeRefusals refusals) {
    try {
      refusals.sweep();
      status.watch();
      house.sweep();
    } catch (RuntimeException e) {
      LOG.error("sweep failed", e);
    }
  }

  /** HiveMQ's services want the extension's class loader on the thread. */
  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "guardbee");
    thread.setDaemon(true);
    thread.setContextClassLoader(GuardbeeExtension.class.getClassLoader());
    return thread;
  }

  private void fail(ExtensionStartOutput output, String why) {
    LOG.error("start refused, nobody comes in: {}", why);
    output.preventExtensionStartup(why);
    System.setProperty(OUTCOME, why);
    stop();
  }

  @Override
  public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
    stop();
  }

  private void stop() {
    // the listeners keep asking us, and from now on hear no
    ListenerTrust.close();
    ListenerKey.close();
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        LOG.error("not everything could be closed", e);
      }
    }
  }
}
