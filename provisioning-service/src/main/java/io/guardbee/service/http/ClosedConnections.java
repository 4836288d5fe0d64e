package io.guardbee.service.http;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.IO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections that are too many, says so where HTTP can, and records it. */
final class ClosedConnections implements ConnectionShares.Closer {

  private static final Logger LOG = LoggerFactory.getLogger(ClosedConnections.class);

  private final Attempts attempts;

  ClosedConnections(Attempts attempts) {
    this.attempts = attempts;
  }

  static void record(Attempts attempts, String address, RefusedException why) {
    if (attempts.record(new Attempt(Door.HTTP, address, null, "connection", why))) {
      LOG.warn("closed a connection of {}: {}", address, why.line());
    }
  }

  @Override
  public void close(EndPoint endPoint, RefusedException why) {
    record(attempts, Arrivals.addressOf(endPoint), why);
    endPoint.close(new EofException("closed by Guardbee"));
  }

  @Override
  public void close(SelectableChannel channel, boolean tls, RefusedException why) {
    try {
      if (channel instanceof SocketChannel socket) {
        record(attempts, addressOf(socket), why);
        if (!tls) {
          socket.write(ByteBuffer.wrap(answer(why))); // does not wait: the socket is empty
        }
      }
    } catch (IOException e) {
      LOG.debug("a connection that is too many has gone: {}", e.toString());
    } finally {
      IO.close(channel);
    }
  }

  private static String addressOf(SocketChannel socket) throws IOException {
    return socket.getRemoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }

  /** Before any request is read, so that refusing costs next to nothing. */
  private static byte[] answer(RefusedException why) {
    byte[] body = (why.line() + "\n").getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 "
            + HttpStatusOf.reason(why.reason())
            + " Too many connections\r\nContent-Type: text/plain;charset=utf-8\r\nRetry-After: 1\r\n"
            + "Connection: close\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    ByteBuffer whole = ByteBuffer.allocate(head.length() + body.length);
    whole.put(head.getBytes(StandardCharsets.US_ASCII)).put(body);
    return whole.array();
  }
}
