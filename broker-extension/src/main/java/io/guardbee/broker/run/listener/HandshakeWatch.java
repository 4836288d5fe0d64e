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

/** Follows one connection's handshake in its pipeline, and gives it a time limit. */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

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
