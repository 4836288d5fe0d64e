package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.client.ClientContext;
import java.time.Clock;

/**
 * Puts what looks at a connection's packets in their way, and takes it away: each costs every
 * packet of its kind a turn by HiveMQ's extension threads, so none is there that is not needed. Its
 * monitor is never waited for by a thread that moves packets.
 */
final class PacketWatch {

  /** What the looking needs, of which there is one. */
  record Watchmen(
      CloneDesk clones,
      Meter meter,
      Observer observer,
      SubscribeCheck.Limiting limiting,
      Clock clock) {}

  private final LiveConnection connection;
  private final ClientContext context;
  private final Watchmen watchmen;
  private final PublishCheck publishCheck;
  private boolean publishesWatched;
  private boolean listening;

  PacketWatch(LiveConnection connection, ClientContext context, Watchmen watchmen) {
    this.connection = connection;
    this.context = context;
    this.watchmen = watchmen;
    this.publishCheck =
        new PublishCheck(
            connection, watchmen.meter(), watchmen.observer(), watchmen.limiting().ledger());
  }

  void subscribes() {
    SubscribeCheck check =
        new SubscribeCheck(connection, context, watchmen.observer(), watchmen.limiting());
    context.addSubscribeInboundInterceptor(check);
    context.addUnsubscribeInboundInterceptor(check);
    context.addDisconnectInboundInterceptor(new DisconnectExpiry(connection));
  }

  synchronized void deliveries() {
    context.getPublishOutboundInterceptors().forEach(context::removePublishOutboundInterceptor);
    context.addPublishOutboundInterceptor(
        new DeliveryCheck(connection, context, watchmen.clock().instant()));
  }

  synchronized void publishes(boolean wanted) {
    if (wanted && !publishesWatched) {
      context.addPublishInboundInterceptor(publishCheck);
    } else if (!wanted && publishesWatched) {
      context.removePublishInboundInterceptor(publishCheck);
    }
    publishesWatched = wanted;
  }

  synchronized void listen() {
    if (listening) {
      return;
    }
    listening = true;
    Hearing hearing = new Hearing(connection, this, watchmen.clones());
    context.addPingReqInboundInterceptor(hearing);
    context.addPublishInboundInterceptor(hearing);
    context.addPubackInboundInterceptor(hearing);
  }

  synchronized void stopListening(Hearing hearing) {
    listening = false;
    context.removePingReqInboundInterceptor(hearing);
    context.removePublishInboundInterceptor(hearing);
    context.removePubackInboundInterceptor(hearing);
  }
}
