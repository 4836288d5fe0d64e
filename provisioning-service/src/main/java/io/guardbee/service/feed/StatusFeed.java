package io.guardbee.service.feed;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.feed.EventLog.Entry;
import io.guardbee.service.feed.EventLog.InForce;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
  private static final int PAGE = 1000;

  private final EventLog log;
  private final BrokerNodes nodes;
  private final JsonMapper json;
  private final Object news = new Object();
  private long published;
  private boolean closed;

  public StatusFeed(EventLog log, BrokerNodes nodes, JsonMapper json) {
    this.log = log;
    this.nodes = nodes;
    this.json = json;
    this.published = log.lastEvent();
  }

  /** Tells every stream that events up to this one are committed. */
  public void published(long event) {
    synchronized (news) {
      published = Math.max(published, event);
      news.notifyAll();
    }
  }

  /** Looks for what other replicas have committed, and for what their brokers have said. */
  public void look() {
    try {
      published(log.lastEvent());
      nodes.refresh();
    } catch (RefusedException e) {
      LOG.debug("the feed was not looked at: {}", e.line());
    }
  }

  /** Where a broker stands: the log it knows (empty for none) and its last applied event. */
  public record Position(String feed, long after) {}

  /** Serves one broker until it goes away or this feed is closed. */
  public void serve(String node, Position position, OutputStream out)
      throws IOException, InterruptedException {
    nodes.opened(node);
    try {
      long sent = start(position, out);
      while (awaitNews(sent)) {
        sent = sendEvents(sent, out);
      }
    } finally {
      nodes.closed(node);
    }
  }

  /** A broker has applied everything up to that event. */
  public void acknowledge(String node, long event, int sessionsEnded) {
    nodes.acknowledge(node, event, sessionsEnded);
  }

  private long start(Position position, OutputStream out) throws IOException {
    boolean continues = position.feed().equals(log.feed()) && position.after() <= log.lastEvent();
    if (continues) {
      write(out, new FeedMessage.Heartbeat(position.after()));
      out.flush();
      return position.after();
    }
    InForce inForce = log.inForce();
    List<CertificateStatus> all = inForce.certificates();
    int from = 0;
    do {
      int to = Math.min(from + PAGE, all.size());
      write(
          out,
          new FeedMessage.Snapshot(
              log.feed(), inForce.event(), to == all.size(), all.subList(from, to)));
      from = to;
    } while (from < all.size());
    out.flush();
    return inForce.event();
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
      while (published <= sent && !closed && left > 0) {
        news.wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
      return !closed;
    }
  }

  private long sendEvents(long sent, OutputStream out) throws IOException {
    List<Entry> entries = log.after(sent, PAGE);
    for (Entry entry : entries) {
      out.write((entry.line() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    if (entries.isEmpty()) {
      write(out, new FeedMessage.Heartbeat(sent));
    }
    out.flush();
    return entries.isEmpty() ? sent : entries.get(entries.size() - 1).event();
  }

  private void write(OutputStream out, FeedMessage message) throws IOException {
    out.write((json.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    synchronized (news) {
      closed = true;
      news.notifyAll();
    }
  }
}
