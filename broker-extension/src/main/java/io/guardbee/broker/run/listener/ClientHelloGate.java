package io.guardbee.broker.run.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the broker's own handlers back until a whole ClientHello is there, so that a socket which
 * sends less costs no TLS engine, timer or logged exception; ends a connection that announces more
 * than a client needs. What is no handshake record is left to the TLS handler, which says so.
 */
final class ClientHelloGate extends ByteToMessageDecoder {

  /** Octets; Java's own limit of a handshake message ({@code jdk.tls.maxHandshakeMessageSize}). */
  static final int LONGEST = 32_768;

  private static final int HANDSHAKE = 22; // ContentType, RFC 8446 section 5.1
  private static final int RECORD_HEADER = 5;
  private static final int LENGTH_AT = RECORD_HEADER + 1; // after HandshakeType, section 4
  private static final int HEADERS = LENGTH_AT + 3;

  private final ConnectionCounts counts;
  private final AcceptedConnection connection;
  private @Nullable ChannelHandler initializer;

  ClientHelloGate(ConnectionCounts counts, AcceptedConnection connection) {
    this.counts = counts;
    this.connection = connection;
  }

  /** When the channel is registered, before the initializer that stands last in its pipeline. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ChannelHandler last = ctx.pipeline().removeLast();
    if (!(last instanceof ChannelInitializer)) {
      throw new IllegalStateException("not HiveMQ's initializer: " + last.getClass().getName());
    }
    initializer = last;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int start = in.readerIndex();
    if (in.getUnsignedByte(start) != HANDSHAKE) {
      open(ctx, in);
      return;
    }
    if (in.readableBytes() < HEADERS) {
      return; // until more comes, or the time for the handshake is over
    }
    int announced = in.getUnsignedMedium(start + LENGTH_AT);
    if (announced > LONGEST) {
      in.skipBytes(in.readableBytes());
      counts.helloTooLong(connection);
    } else if (in.readableBytes() >= HEADERS + announced) {
      counts.negotiating(connection);
      open(ctx, in);
    }
  }

  private void open(ChannelHandlerContext ctx, ByteBuf in) {
    ByteBuf received = in.readRetainedSlice(in.readableBytes());
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.remove(this);
    pipeline.addLast(initializer); // puts its handlers in, that of TLS first
    pipeline.fireChannelRegistered().fireChannelActive();
    pipeline.fireChannelRead(received).fireChannelReadComplete();
  }
}
