package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
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
  private final BodiesInFlight bodies;
  private final Predicate<Request> isPrivileged;

  BodyDeadline(Duration limit, BodiesInFlight bodies, Predicate<Request> isPrivileged) {
    this.limit = limit;
    this.bodies = bodies;
    this.isPrivileged = isPrivileged;
  }

  /** Whether the body is read as it comes. */
  static boolean isStream(Request request) {
    return Request.getPathInContext(request).startsWith(STREAMS);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() == 0 || isStream(request)) {
      return super.handle(request, response, callback);
    }
    Timed timed = new Timed(request, limit);
    if (!isPrivileged.test(request)) {
      BodiesInFlight.Body body = new BodiesInFlight.Body(timed::end);
      timed.whole = () -> bodies.whole(body);
      Request.addCompletionListener(request, failure -> bodies.end(body));
      bodies.begin(body);
    }
    return super.handle(timed, response, callback);
  }

  private static final class Timed extends Request.Wrapper {
    private final RefusedException tooSlow;
    private final Scheduler.Task timer;
    private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();
    private volatile @Nullable RefusedException ended;
    private Runnable whole = () -> {};

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
              .schedule(() -> end(tooSlow), limit.toMillis(), TimeUnit.MILLISECONDS);
      Request.addCompletionListener(request, failure -> timer.cancel());
    }

    @Override
    public Content.@Nullable Chunk read() {
      RefusedException why = ended;
      if (why != null) {
        return Content.Chunk.from(why, true);
      }
      Content.Chunk chunk = super.read();
      if (chunk != null && chunk.isLast()) {
        timer.cancel();
        whole.run();
      }
      return chunk;
    }

    @Override
    public void demand(Runnable reader) {
      waiting.set(reader);
      if (ended != null) {
        wake();
      } else {
        super.demand(this::wake);
      }
    }

    /** The reader is told this instead of the rest. */
    void end(RefusedException why) {
      ended = why;
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
