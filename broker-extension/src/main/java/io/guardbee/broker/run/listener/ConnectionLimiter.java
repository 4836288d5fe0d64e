package io.guardbee.broker.run.listener;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.config.BrokerConfig;
import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.util.NetUtil;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Limits connections and unfinished handshakes of every listener of this process. Netty makes one
 * by the service loader, where {@link #install} has told it to.
 */
public final class ConnectionLimiter extends ChannelInitializerExtension {

  private static final AtomicReference<@Nullable Installed> INSTALLED = new AtomicReference<>();

  private record Installed(ConnectionCounts counts, long timeoutNanos, AtomicInteger listeners) {}

  /** For Netty. */
  public ConnectionLimiter() {}

  /**
   * Puts the limits in force for listeners that are bound from now on. To be called before Netty is
   * used for the first time.
   *
   * @param metrics where connections, unfinished handshakes and refusals are counted, as {@code
   *     io.guardbee.listener.…}
   */
  public static void install(BrokerConfig.Connections configured, MetricRegistry metrics) {
    Limits limits = Limits.of(configured);
    RefusalLog log = new RefusalLog(System.nanoTime());
    ConnectionCounts counts =
        new ConnectionCounts(
            limits,
            (reason, network) -> {
              metrics.counter(BrokerConfig.LISTENER_METRICS + "refused." + reason).inc();
              log.refused(reason, network, System.nanoTime());
            });
    for (LimitReason reason : LimitReason.values()) {
      metrics.counter(BrokerConfig.LISTENER_METRICS + "refused." + reason);
    }
    metrics.register(
        BrokerConfig.LISTENER_METRICS + "connections", (Gauge<Integer>) counts::connections);
    metrics.register(
        BrokerConfig.LISTENER_METRICS + "handshakes", (Gauge<Integer>) counts::handshakes);
    INSTALLED.set(new Installed(counts, limits.handshakeTimeout().toNanos(), new AtomicInteger()));
    System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
  }

  /** How many listeners the limits are in force for. */
  public static int listeners() {
    Installed installed = INSTALLED.get();
    return installed == null ? 0 : installed.listeners().get();
  }

  @Override
  public void postInitializeServerListenerChannel(ServerChannel channel) {
    Installed installed = INSTALLED.get();
    if (installed == null) {
      return; // Netty is told to load extensions, and not by us
    }
    // HiveMQ's 128 overflow in a flood or a reconnect storm: a client then waits a second or more
    channel.config().setOption(ChannelOption.SO_BACKLOG, NetUtil.SOMAXCONN);
    channel.pipeline().addFirst(new AcceptHandler(installed.counts(), installed.timeoutNanos()));
    installed.listeners().incrementAndGet();
  }
}
