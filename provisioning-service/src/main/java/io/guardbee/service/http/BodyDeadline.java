package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Gives the body of a request so long to arrive and no longer, however steadily it trickles: who
 * reads it is then told {@link Reason#REQUEST_TOO_SLOW}. Streams of a factory go on as long as they
 * move.
 */
final class BodyDeadline extends Handler.Wrapper {

  private static final String STREAMS = "/v1/factory/";

  private final Duration limit;
  private final Arrivals arrivals;

  BodyDeadline(Duration limit, Arrivals arrivals) {
    this.limit = limit;
    this.arrivals = arrivals;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Connection connection = request.getConnectionMetaData().getConnection();
    arrivals.begun(connection);
    Request.addCompletionListener(request, failure -> arrivals.ended(connection));
    boolean bounded =
        request.getLength() != 0 && !Request.getPathInContext(request).startsWith(STREAMS);
    return super.handle(bounded ? new Timed(request, limit) : request, response, callback);
  }

  private static final class Timed extends Request.Wrapper {
    private final RefusedException tooSlow;
    private final Scheduler.Task timer;
    private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();
    private volatile boolean late;

    Timed(Request request, Duration limit) {
      super(request);
      tooSlow =
          new RefusedException(
              Reason.REQUEST_TOO_SLOW,
              "the body of the request did not arrive within " + limit.toMillis() + " ms",
              "see to the network between; the limit is limits.requestTime");
      timer =
          request
              .getComponents()
              .getScheduler()
              .schedule(this::expire, limit.toMillis(), TimeUnit.MILLISECONDS);
      Request.addCompletionListener(request, failure -> timer.cancel());
    }

    @Override
    public Content.@Nullable Chunk read() {
      if (late) {
        return Content.Chunk.from(tooSlow, true);
      }
      Content.Chunk chunk = super.read();
      if (chunk != null && chunk.isLast()) {
        timer.cancel();
      }
      return chunk;
    }

    @Override
    public void demand(Runnable reader) {
      waiting.set(reader);
      if (late) {
        wake();
      } else {
        super.demand(this::wake);
      }
    }

    private void expire() {
      late = true;
      getComponents().getExecutor().execute(this::wake);
    }

    /** Once for each demand, by content or by the end of patience, whichever is first. */
    private void wake() {
      Runnable reader = waiting.getAndSet(null);
      if (reader != null) {
        reader.run();
      }
    }
  }
}
