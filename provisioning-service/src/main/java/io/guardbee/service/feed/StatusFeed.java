package io.guardbee.service.feed;

import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Streams the event log to brokers: a snapshot where they need one, then each change as it is
 * committed. One thread serves one open stream. Thread-safe.
 */
public final class StatusFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StatusFeed.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final EventLog log;
  private final BrokerNodes nodes;
  private final Rollback rollback;
  private final JsonMapper json;
  private final Object news = new Object();
  private EventLog.End published;
  private boolean closed;

  public StatusFeed(EventLog log, BrokerNodes nodes, Rollback rollback, JsonMapper json) {
    this.log = log;
    this.rollback = rollback;
    this.nodes = nodes;
    this.json = json;
    this.published = log.end();
  }

  /** Tells every stream that events up to this one are committed. */
  public void published(long event) {
    synchronized (news) {
      if (event > published.event()) {
        published = new EventLog.End(published.feed(), event);
      }
      news.notifyAll();
    }
  }

  /**
   * Looks for what other replicas have committed, and for what their brokers have said; and whether
   * the database still holds what was committed.
   */
  public void look() {
    try {
      EventLog.End before = published(); // first: what is read after it holds all of it
      EventLog.End now = log.end();
      if (now.feed().equals(before.feed()) && now.event() < before.event()) {
        rollback.seen(before);
        now = log.end();
      }
      published(now);
      nodes.refresh();
    } catch (RefusedException e) {
      LOG.debug("the feed was not looked at: {}", e.line());
    }
  }

  private EventLog.End published() {
    synchronized (news) {
      return published;
    }
  }

  /** Another history goes on from where it says, which may be further back. */
  private void published(EventLog.End end) {
    synchronized (news) {
      if (!end.feed().equals(published.feed())) {
        published = end;
      }
    }
    published(end.event());
  }

  /**
   * Where a broker stands.
   *
   * @param feed the log it knows, empty for none
   * @param after its last applied event
   * @param nonce that the head of its stream is signed for; empty for a broker of an earlier
   *     version, which is sent no signatures
   */
  public record Position(String feed, long after, String nonce) {}

  /**
   * Serves one broker until it goes away or this feed is closed.
   *
   * @throws RefusedException {@code MODULE_FAILED} before anything is written
   */
  public void serve(String node, Position position, OutputStream out)
      throws IOException, InterruptedException {
    nodes.opened(node);
    try {
      BrokerStream stream =
          new BrokerStream(new BrokerStream.Source(log, json, rollback), position, out);
      long sent = stream.begin(node, this::requireOpen);
      do {
        sent = stream.sendEvents(sent);
      } while (awaitNews(sent));
    } finally {
      nodes.closed(node);
    }
  }

  /**
   * A broker has applied everything up to that event. One that the database does not hold is of
   * another history: it counts for nothing here, least of all for the event that will be given its
   * number.
   */
  public void acknowledge(String node, Ended ended) {
    if (isKnown(ended.event())) {
      nodes.acknowledge(node, ended);
    } else {
      LOG.warn("broker {} acknowledges event {}, which there is not", node, ended.event());
    }
  }

  private boolean isKnown(long event) {
    return event <= published().event() || event <= log.lastEvent(); // another replica's
  }

  private void requireOpen() throws IOException {
    synchronized (news) {
      if (closed) {
        throw new IOException("the service stops");
      }
    }
  }

  /**
   * Waits for an event beyond the one sent, or until a heartbeat is due.
   *
   * @return false when this feed is closed
   */
  private boolean awaitNews(long sent) throws InterruptedException {
    long deadline = System.nanoTime() + HEARTBEAT.toNanos();
    synchronized (news) {
      long left = HEARTBEAT.toMillis();
      while (published.event() <= sent && !closed && left > 0) {
        news.wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
      return !closed;
    }
  }

  @Override
  public void close() {
    synchronized (news) {
      closed = true;
      news.notifyAll();
    }
  }
}
