package io.guardbee.broker.run.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Stands in a listener's pipeline before Netty's acceptor, which sees only what this lets pass. */
final class AcceptHandler extends ChannelInboundHandlerAdapter {

  private final ConnectionCounts counts;
  private final long timeoutNanos;

  AcceptHandler(ConnectionCounts counts, long timeoutNanos) {
    this.counts = counts;
    this.timeoutNanos = timeoutNanos;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof Channel child)) {
      ctx.fireChannelRead(message);
      return;
    }
    Optional<AcceptedConnection> accepted = accept(child);
    if (accepted.isEmpty()) {
      child.unsafe().closeForcibly(); // it has no event loop yet
      return;
    }
    AcceptedConnection connection = accepted.get();
    child.closeFuture().addListener(closed -> counts.closed(connection));
    child.pipeline().addLast(new ClientHelloGate(counts, connection));
    child.pipeline().addLast(new HandshakeWatch(counts, connection, timeoutNanos));
    ctx.fireChannelRead(child);
  }

  private Optional<AcceptedConnection> accept(Channel child) {
    // null when the peer has gone meanwhile
    return child.remoteAddress() instanceof InetSocketAddress peer && peer.getAddress() != null
        ? counts.accept(Network.of(peer.getAddress()), System.nanoTime(), () -> close(child))
        : Optional.empty();
  }

  private static void close(Channel child) {
    ChannelFuture unused = child.close();
  }
}
