package io.guardbee.agent.device;

import io.guardbee.agent.mqtt.Backoff;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.agent.mqtt.MqttConnection.Listener;
import io.guardbee.agent.state.Contact;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a device connected: connect, serve until something ends it, wait, again. One thread does it
 * all; callbacks only leave word.
 */
final class RunLoop {

  private static final Logger LOG = LoggerFactory.getLogger(RunLoop.class);

  private final DeviceAgent agent;
  private final Backoff reconnect;
  private final Backoff renewal;
  private final BlockingQueue<Word> words = new LinkedBlockingQueue<>();
  private volatile boolean stopping;
  private volatile @Nullable MqttConnection current;
  private boolean subscribes = true;
  private boolean beats = true;
  private @Nullable RefusedException lost;
  private Instant renewNotBefore = Instant.MIN;

  /** What callbacks and other threads tell the loop. */
  private sealed interface Word {}

  private record Lost(Listener connection, RefusedException why) implements Word {}

  private record Stop() implements Word {}

  RunLoop(DeviceAgent agent, RandomGenerator random) {
    this.agent = agent;
    this.reconnect = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), random);
    this.renewal = new Backoff(Duration.ofMinutes(1), Duration.ofHours(1), random);
  }

  void run(String clientId, Duration heartbeat, BiConsumer<String, byte[]> commands) {
    try (Hatch hatch = Hatch.open(agent.store().directory(), this::publish)) {
      LOG.debug("taking messages at {}", hatch);
      keep(clientId, heartbeat, commands);
    }
  }

  private void keep(String clientId, Duration heartbeat, BiConsumer<String, byte[]> commands) {
    while (!stopping) {
      try {
        renewIfDue();
        serve(clientId, heartbeat, new Wire(commands));
      } catch (RefusedException e) {
        report(e);
        pause(e.reason() == Reason.SERVICE_UNREACHABLE || lost == e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  void stop() {
    stopping = true;
    words.add(new Stop());
  }

  private void publish(Message message) {
    MqttConnection connection = current;
    if (connection == null) {
      throw new RefusedException(
          Reason.SERVICE_UNREACHABLE,
          "the device is not connected at the moment",
          "see guardbee agent status for the reason, and try again");
    }
    connection.publish(message);
  }

  /** Returns when told to stop or when there is a new certificate to connect with. */
  private void serve(String clientId, Duration heartbeat, Wire wire) throws InterruptedException {
    String prefix = "devices/" + agent.enrolment().deviceId();
    try (MqttConnection connection = agent.connect(clientId, true, wire)) {
      current = connection;
      LOG.info(
          "connected to {} ({} session)",
          agent.enrolment().broker(),
          connection.sessionPresent() ? "resumed" : "new");
      agent.store().note(new Contact(agent.clock().instant(), "connected"));
      if (subscribes) {
        subscribes = allowed(() -> connection.subscribe(prefix + "/commands/#"));
      }
      do {
        if (beats) {
          beats = allowed(() -> beat(connection, prefix));
        }
        reconnect.succeeded();
      } while (!ended(heartbeat, wire) && !renewIfDue());
    } finally {
      current = null;
    }
  }

  private void beat(MqttConnection connection, String prefix) {
    String payload = "{\"at\":\"" + agent.clock().instant() + "\"}";
    connection.publish(
        new Message(prefix + "/telemetry/heartbeat", payload.getBytes(StandardCharsets.UTF_8), 1));
  }

  /**
   * Does what the policy may forbid this device; a broker may end the connection over it, so that
   * it is not tried again before the agent is started anew.
   */
  private static boolean allowed(Runnable work) {
    try {
      work.run();
      return true;
    } catch (RefusedException e) {
      if (e.reason() != Reason.TOPIC_NOT_ALLOWED) {
        throw e;
      }
      LOG.warn("going on without: {}", e.line());
      return false;
    }
  }

  /** Waits for the next heartbeat's time. */
  private boolean ended(Duration heartbeat, Wire wire) throws InterruptedException {
    long deadline = System.nanoTime() + heartbeat.toNanos();
    while (!stopping) {
      Word word = words.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (word == null) {
        return false;
      }
      if (word instanceof Lost end && end.connection() == wire) {
        lost = end.why();
        throw lost;
      }
    }
    return true;
  }

  /** Whether there is a new certificate. The old one serves until then. */
  private boolean renewIfDue() {
    Instant now = agent.clock().instant();
    agent.reload();
    RenewalWindow window = RenewalWindow.of(agent.enrolment().certificate());
    if (!window.due(now) || now.isBefore(renewNotBefore)) {
      return false;
    }
    try {
      agent.renew();
      renewal.succeeded();
      LOG.info(
          "renewed: certificate valid until {}",
          agent.enrolment().certificate().getNotAfter().toInstant());
      return true;
    } catch (RefusedException e) {
      Duration wait = longer(renewal.afterFailure(), e.retryAfter().orElse(Duration.ZERO));
      renewNotBefore = now.plus(e.retryAfter().isPresent() ? wait : longer(wait, tenth(now, window)));
      LOG.warn("renewal failed, next attempt at {}: {}", renewNotBefore, e.line());
      return false;
    }
  }

  /** A failure that nobody told the end of is not tried again more often than is of use. */
  private static Duration tenth(Instant now, RenewalWindow window) {
    return Duration.between(now, window.until()).dividedBy(10);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  private void report(RefusedException why) {
    LOG.warn("{}", why.line());
    agent.store().note(new Contact(agent.clock().instant(), why.line()));
  }

  /**
   * A broker that refuses to connect is asked again slowly: only a person can change that. One that
   * ended a connection, for whatever reason, is asked soon whether it really refuses.
   */
  private void pause(boolean soon) {
    Duration wait = soon ? reconnect.afterFailure() : reconnect.afterRefusal();
    LOG.info("trying again in {} ms", wait.toMillis());
    long deadline = System.nanoTime() + wait.toNanos();
    try {
      while (!stopping && deadline > System.nanoTime()) {
        words.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping = true;
    }
  }

  /** One connection's callbacks; a word from an earlier connection is known by it. */
  private final class Wire implements Listener {
    private final BiConsumer<String, byte[]> commands;

    Wire(BiConsumer<String, byte[]> commands) {
      this.commands = commands;
    }

    @Override
    public void received(String topic, byte[] payload) {
      commands.accept(topic, payload);
    }

    @Override
    public void lost(RefusedException why) {
      words.add(new Lost(this, why));
    }
  }
}
