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
import io.guardbee.broker.status.StatusFeed;
import io.guardbee.broker.tls.ListenerKey;
import io.guardbee.broker.tls.ListenerTrust;
import io.guardbee.pki.NativeCrypto;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires the extension: configuration, status feed, listener certificate, door. Reading it is
 * reading the architecture.
 */
public final class GuardbeeExtension implements ExtensionMain {

  /** Tells a program that runs the broker in its own JVM how the start went. */
  public static final String OUTCOME = "guardbee.outcome";

  /** The value of {@link #OUTCOME} when the door is in place; else it says why it is not. */
  public static final String STARTED = "started";

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(GuardbeeExtension.class);

  private @Nullable StatusFeed feed;
  private @Nullable ListenerCertificate certificate;
  private @Nullable Gatehouse gatehouse;
  private @Nullable ScheduledFuture<?> sweeping;

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
    StatusFeed status = new StatusFeed(config, data, clock, GuardbeeExtension::thread);
    feed = status;
    Gatehouse house =
        new Gatehouse(
            config, data, new Gatehouse.Parts(status.index(), new Unsaid(), executor, clock));
    gatehouse = house;
    var folders = new ListenerCertificate.Folders(folder, data);
    ListenerCertificate own =
        ListenerCertificate.of(config, folders, clock, GuardbeeExtension::thread);
    certificate = own;
    ListenerTrust.install(house.handshake());
    ListenerKey.claim();
    house.open();
    if (house.needsWholeStatus()) {
      status.askForAll();
    }
    status.start(house.evictor(), house.instructions());
    own.start(ListenerKey::present);
    status.awaitFirstTry(LONGEST_WAIT); // HiveMQ binds its listeners after this
    own.awaitFirstTry(LONGEST_WAIT);
    sweeping = executor.scheduleWithFixedDelay(() -> sweep(house, status), 1, 1, TimeUnit.SECONDS);
  }

  /** INTERIM until reports are sent to the service. */
  private static final class Unsaid implements io.guardbee.broker.report.Reports {

    @Override
    public void refused(io.guardbee.broker.report.Refusal refusal) {}

    @Override
    public void cloned(io.guardbee.broker.report.CloneAlarm alarm) {}

    @Override
    public void observed(io.guardbee.broker.report.Observation observation) {
      LOG.info("observed {}", observation);
    }

    @Override
    public void answer(io.guardbee.broker.report.PolicyAnswer answer) {
      LOG.info("answer {}", answer);
    }
  }

  /** A failure must not end the repetition. */
  private static void sweep(Gatehouse house, StatusFeed status) {
    try {
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
    if (sweeping != null) {
      sweeping.cancel(false);
    }
    if (feed != null) {
      feed.close();
    }
    if (certificate != null) {
      certificate.close();
    }
    if (gatehouse != null) {
      gatehouse.close();
    }
  }
}
