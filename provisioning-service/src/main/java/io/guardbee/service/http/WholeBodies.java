package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.EagerContentHandler.ContentLoader;
import org.eclipse.jetty.server.handler.EagerContentHandler.ContentLoaderFactory;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies before their requests are given a thread. The octets are copied: Jetty's own loader
 * would keep a whole buffer for each piece, however small. Operators and brokers, of whom some
 * routes take larger bodies, read the rest themselves; everybody else is refused beyond the limit.
 */
final class WholeBodies implements ContentLoaderFactory {

  private final int most;
  private final Predicate<Request> isPrivileged;
  private final Predicate<Request> isStream;

  /**
   * @param most octets
   * @param isStream a request whose body is read as it comes
   */
  WholeBodies(int most, Predicate<Request> isPrivileged, Predicate<Request> isStream) {
    this.most = most;
    this.isPrivileged = isPrivileged;
    this.isStream = isStream;
  }

  @Override
  public @Nullable String getApplicableMimeType() {
    return null; // every type
  }

  @Override
  public @Nullable ContentLoader newContentLoader(
      String contentType,
      String mimeType,
      Handler handler,
      Request request,
      Response response,
      Callback callback) {
    boolean isBoundedByItsRoute = request.getLength() > most && DeclaredSize.isLarger(request);
    return isBoundedByItsRoute || isStream.test(request)
        ? null
        : new Loader(handler, request, response, callback);
  }

  private static RefusedException idle() {
    return new RefusedException(
        Reason.REQUEST_TOO_SLOW,
        "nothing of the body arrived for too long",
        "see to the network between, and send the request again");
  }

  private final class Loader extends ContentLoader {
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

    Loader(Handler handler, Request request, Response response, Callback callback) {
      super(handler, request, response, callback);
    }

    @Override
    protected void load() {
      Content.Chunk first = read();
      if (first != null) {
        handle(new Loaded(getRequest(), first), getResponse(), getCallback());
      }
    }

    private void resume() {
      Content.Chunk first = read();
      if (first != null) { // not here: Jetty would tell of no more content until this returns
        Request loaded = new Loaded(getRequest(), first);
        getRequest().getContext().execute(() -> handle(loaded, getResponse(), getCallback()));
      }
    }

    /** What the handler is to read first: the whole, a failure, or as much as is taken ahead. */
    private Content.@Nullable Chunk read() {
      while (true) {
        Content.Chunk chunk = getRequest().read();
        if (chunk == null) {
          getRequest().demand(this::resume);
          return null;
        }
        if (Content.Chunk.isFailure(chunk)) {
          return chunk.getFailure() instanceof TimeoutException
              ? Content.Chunk.from(idle(), true)
              : chunk;
        }
        boolean isLast = chunk.isLast();
        take(chunk);
        if (octets.size() > most && !isPrivileged.test(getRequest())) {
          return Content.Chunk.from(DeclaredSize.tooLarge(most), true);
        }
        if (isLast || octets.size() > most) {
          return Content.Chunk.from(ByteBuffer.wrap(octets.toByteArray()), isLast);
        }
      }
    }

    private void take(Content.Chunk chunk) {
      octets.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
      chunk.release();
    }
  }

  /** A request whose body is here, or the beginning of it. */
  private static final class Loaded extends Request.Wrapper {
    private final Content.Chunk first;
    private boolean isRead;

    Loaded(Request request, Content.Chunk first) {
      super(request);
      this.first = first;
    }

    @Override
    public Content.@Nullable Chunk read() {
      if (Content.Chunk.isFailure(first)) {
        return first;
      }
      if (!isRead) {
        isRead = true;
        return first;
      }
      return first.isLast() ? Content.Chunk.EOF : super.read();
    }
  }
}
