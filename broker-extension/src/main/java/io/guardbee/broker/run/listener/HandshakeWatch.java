package io.guardbee.broker.run.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows one connection's handshake in its pipeline, and gives it a time limit. After that, closes
 * the connection when the peer ends TLS (close_notify, RFC 8446 §6.1) and leaves TCP open: nothing
 * can come from it any more, and HiveMQ would count it as connected until its keep-alive ends.
 */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

  private static final long HALF_CLOSED_SECONDS = 1;

  private final ConnectionCounts counts;
  private final AcceptedConnection connection;
  private final long timeoutNanos;
  private @Nullable ScheduledFuture<?> timeout;

  HandshakeWatch(ConnectionCounts counts, AcceptedConnection connection, long timeoutNanos) {
    this.counts = counts;
    this.connection = connection;
    this.timeoutNanos = timeoutNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timeout =
        ctx.executor()
            .schedule(() -> counts.timedOut(connection), timeoutNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SniCompletionEvent) {
      ctx.executor().execute(() -> follow(ctx)); // once the TLS handler is in the pipeline
    }
    ctx.fireUserEventTriggered(event);
  }

  /** By the TLS handler itself: HiveMQ's handlers keep its completion event to themselves. */
  private void follow(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls == null) {
      return; // closed meanwhile
    }
    Future<Channel> unused =
        tls.handshakeFuture()
            .addListener(
                handshake -> {
                  if (handshake.isSuccess()) {
                    established(ctx);
                  }
                });
    Channel channel = ctx.channel();
    Future<Channel> unusedEnd =
        tls.sslCloseFuture()
            .addListener(
                ended -> {
                  if (ended.isSuccess()) { // it fails when TCP was closed without close_notify
                    closeSoon(channel);
                  }
                });
  }

  /** HiveMQ may still be deciding on packets that came before; most peers close TCP meanwhile. */
  private static void closeSoon(Channel channel) {
    ScheduledFuture<?> unused =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  Future<Void> unusedEnd = channel.close();
                },
                HALF_CLOSED_SECONDS,
                TimeUnit.SECONDS);
  }

  private void established(ChannelHandlerContext ctx) {
    counts.established(connection);
    stopTimeout();
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stopTimeout();
    ctx.fireChannelInactive();
  }

  private void stopTimeout() {
    if (timeout != null) {
      timeout.cancel(false);
    }
  }
}
