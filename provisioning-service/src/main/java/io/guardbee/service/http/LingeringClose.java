package io.guardbee.service.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Reads and discards what is left of a body after the answer is out (RFC 9112 §9.6). TCP resets a
 * connection that is closed with octets unread, and a reset may destroy the answer before the
 * client has read it. Bounded in octets and time.
 */
final class LingeringClose extends Handler.Wrapper {

  private static final long MOST_OCTETS = 16 * 1024 * 1024;
  private static final long FEW_OCTETS = 64 * 1024;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Unread unread = new Unread(request);
    return super.handle(
        unread,
        response,
        new Callback.Nested(callback) {
          @Override
          public void succeeded() {
            unread.discard(callback);
          }
        });
  }

  private static final class Unread extends Request.Wrapper {
    private volatile boolean isEnded;
    private volatile boolean isAwaited;
    private long octets;
    private Scheduler.@Nullable Task timer;

    Unread(Request request) {
      super(request);
    }

    @Override
    public Content.@Nullable Chunk read() {
      Content.Chunk chunk = super.read();
      if (chunk != null && (chunk.isLast() || Content.Chunk.isFailure(chunk))) {
        isEnded = true;
      }
      return chunk;
    }

    @Override
    public void demand(Runnable reader) {
      isAwaited = true;
      super.demand(
          () -> {
            isAwaited = false;
            reader.run();
          });
    }

    /** Jetty asks before it answers. Its own way would have nothing read after that. */
    @Override
    public boolean consumeAvailable() {
      while (!isEnded && octets <= FEW_OCTETS) {
        Content.Chunk chunk = read();
        if (chunk == null) {
          return false;
        }
        octets += chunk.getByteBuffer().remaining();
        chunk.release();
      }
      return isEnded;
    }

    /**
     * Reads no further where nothing more comes: from a client that waits to be told to continue,
     * or from a client that was too slow, while another handler still waits for its body.
     */
    void discard(Callback done) {
      if (isEnded || isAwaited || getHeaders().contains(HttpHeader.EXPECT)) {
        done.succeeded();
      } else {
        discardMore(done);
      }
    }

    private void discardMore(Callback done) {
      while (!isEnded && octets <= MOST_OCTETS) {
        Content.Chunk chunk = read();
        if (chunk == null) {
          limitTime();
          demand(() -> discardMore(done));
          return;
        }
        octets += chunk.getByteBuffer().remaining();
        chunk.release();
      }
      if (timer != null) {
        timer.cancel();
      }
      done.succeeded();
    }

    /** Closes the connection later, which ends the reading. */
    private void limitTime() {
      if (timer == null) {
        EndPoint connection = getConnectionMetaData().getConnection().getEndPoint();
        timer =
            getComponents()
                .getScheduler()
                .schedule(
                    () -> connection.close(new TimeoutException("closed by Guardbee")),
                    LONGEST.toMillis(),
                    TimeUnit.MILLISECONDS);
      }
    }
  }
}
