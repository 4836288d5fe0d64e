package io.guardbee.service.feed;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.feed.Blocked.Page;
import io.guardbee.service.feed.Blocked.Place;
import io.guardbee.service.feed.EventLog.Entry;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.WholeStatus.Head;
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
  private final WholeStatus whole;
  private final BrokerNodes nodes;
  private final JsonMapper json;
  private final Object news = new Object();
  private long published;
  private boolean closed;

  public StatusFeed(EventLog log, BrokerNodes nodes, JsonMapper json) {
    this.log = log;
    this.whole = log.wholeStatus();
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
      long sent = start(node, position, out);
      while (awaitNews(sent)) {
        sent = sendEvents(sent, out);
      }
    } finally {
      nodes.closed(node);
    }
  }

  /** A broker has applied everything up to that event. */
  public void acknowledge(String node, Ended ended) {
    nodes.acknowledge(node, ended);
  }

  private long start(String node, Position position, OutputStream out) throws IOException {
    if (!position.feed().equals(log.feed()) || !log.reaches(position.after())) {
      return sendWhole(node, out);
    }
    write(out, new FeedMessage.Heartbeat(position.after()));
    long sent = position.after();
    Head head = whole.head(node);
    while (sent < head.event()) {
      sent = sendEvents(sent, out);
      head = whole.head(node);
    }
    sendInstructions(head, out); // a broker of an earlier version may have passed over theirs
    out.flush();
    return sent;
  }

  private void sendInstructions(Head head, OutputStream out) throws IOException {
    for (FeedMessage instruction : head.instructions()) {
      write(out, instruction);
    }
  }

  /**
   * The event comes first: what is changed while pages are read is told again by its own event, and
   * an event seen twice is harmless, one missed is not.
   */
  private long sendWhole(String node, OutputStream out) throws IOException {
    Head head = whole.head(node);
    sendInstructions(head, out);
    List<CertificateStatus> held = List.of();
    Place place = Place.FIRST;
    while (place != null) {
      Page page = whole.blocked().page(place, PAGE);
      if (!held.isEmpty() && !page.certificates().isEmpty()) {
        sendPart(head, false, held, out); // only now is it known that it is not the last
      }
      held = page.certificates().isEmpty() ? held : page.certificates();
      place = page.next();
    }
    sendPart(head, true, held, out);
    return head.event();
  }

  private void sendPart(
      Head head, boolean last, List<CertificateStatus> certificates, OutputStream out)
      throws IOException {
    synchronized (news) {
      if (closed) {
        throw new IOException("the service stops");
      }
    }
    write(out, new FeedMessage.Snapshot(log.feed(), head.event(), last, certificates));
    out.flush();
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
    if (!entries.isEmpty() && entries.get(0).event() != sent + 1) {
      throw new IOException("it is too far behind: it will be told the whole status");
    }
    for (Entry entry : entries) {
      if (entry.policy().isPresent()) {
        write(out, whole.whole(entry.policy().get()));
      } else {
        out.write((entry.line() + "\n").getBytes(StandardCharsets.UTF_8));
      }
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
