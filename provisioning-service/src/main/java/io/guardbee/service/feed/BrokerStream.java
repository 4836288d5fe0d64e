package io.guardbee.service.feed;

import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.feed.Blocked.Page;
import io.guardbee.service.feed.Blocked.Place;
import io.guardbee.service.feed.EventLog.Entry;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.StatusFeed.Position;
import io.guardbee.service.feed.WholeStatus.Head;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lines that one broker is sent. They begin with what is in force, closed by a signed statement
 * over all of it and the broker's nonce; then come events, each with a signature before it where
 * the broker asks for one. For one thread.
 */
final class BrokerStream {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerStream.class);
  private static final int PAGE = 1000;

  private final EventLog log;
  private final JsonMapper json;
  private final WholeStatus whole;
  private final EventLog.Name history;
  private final Rollback rollback;
  private final Position position;
  private final OutputStream out;
  private @Nullable Unsigned unsigned;

  /** An event that the module did not sign. */
  private record Unsigned(long event, String line) {}

  /** Where the lines come from. */
  record Source(EventLog log, JsonMapper json, Rollback rollback) {}

  /** Asked between pages. */
  @FunctionalInterface
  interface Interruption {
    void check() throws IOException;
  }

  BrokerStream(Source source, Position position, OutputStream out) {
    this.log = source.log();
    this.json = source.json();
    this.whole = log.wholeStatus();
    this.history = log.name();
    this.rollback = source.rollback();
    this.position = position;
    this.out = out;
  }

  /**
   * Sends what is in force: whom to believe and which policy to follow, and every certificate where
   * the broker does not know them.
   *
   * @return the last event that the broker has then
   * @throws RefusedException {@code MODULE_FAILED}
   */
  long begin(String node, Interruption interruption) throws IOException {
    boolean same = position.feed().equals(history.feed());
    boolean resumes = same && log.reaches(position.after());
    Head head = whole.head(node);
    if (same && position.after() > head.event()) {
      goneBack(node, head);
    }
    if (position.nonce().isEmpty()) {
      sendWhatIsInForce(head, resumes, new Lines(out, interruption));
    } else {
      MessageDigest sum = FeedSigner.sha256();
      Lines lines = new Lines(new DigestOutputStream(out, sum), interruption);
      sendWhatIsInForce(head, resumes, lines);
      sign(node, head.event(), sum.digest());
    }
    out.flush();
    return resumes ? position.after() : head.event();
  }

  private void goneBack(String node, Head head) throws IOException {
    LOG.error(
        "ALARM: broker {} has applied event {}, the database is at {}: an older copy of it was put"
            + " back",
        node,
        position.after(),
        head.event());
    if (!rollback.told(node, position.feed(), position.after())) {
      return; // it refuses what comes
    }
    log.end(); // under another name now
    requireSameHistory();
  }

  private void requireSameHistory() throws IOException {
    if (!history.equals(log.name())) {
      throw new IOException("another history has begun: it will be told the whole status");
    }
  }

  /** Where the lines of the head go. */
  private record Lines(OutputStream out, Interruption interruption) {}

  private void sendWhatIsInForce(Head head, boolean resumes, Lines lines) throws IOException {
    for (FeedMessage instruction : head.instructions()) {
      write(lines.out(), instruction);
    }
    if (!resumes) {
      sendCertificates(head, lines);
    }
  }

  private void sign(String node, long event, byte[] sum) throws IOException {
    FeedStatement.Head head =
        new FeedStatement.Head(
            URLEncoder.encode(node, StandardCharsets.UTF_8),
            position.nonce(),
            history.feed(),
            event,
            history.follows(),
            HexFormat.of().formatHex(sum));
    write(out, FeedMessage.Signed.of(log.signer().head(head)));
  }

  /**
   * The event comes first: what is changed while pages are read is told again by its own event, and
   * an event seen twice is harmless, one missed is not.
   */
  private void sendCertificates(Head head, Lines lines) throws IOException {
    List<CertificateStatus> held = List.of();
    Place place = Place.FIRST;
    while (place != null) {
      Page page = whole.blocked().page(place, PAGE);
      if (!held.isEmpty() && !page.certificates().isEmpty()) {
        sendPart(head, false, held, lines); // only now is it known that it is not the last
      }
      held = page.certificates().isEmpty() ? held : page.certificates();
      place = page.next();
    }
    sendPart(head, true, held, lines);
  }

  private void sendPart(Head head, boolean last, List<CertificateStatus> certificates, Lines lines)
      throws IOException {
    lines.interruption().check();
    write(lines.out(), new FeedMessage.Snapshot(history.feed(), head.event(), last, certificates));
    lines.out().flush();
  }

  /**
   * Sends the events after that one, or a heartbeat when there are none.
   *
   * @return the last event that the broker has then
   */
  long sendEvents(long sent) throws IOException {
    requireSameHistory();
    List<Entry> entries = log.after(sent, PAGE);
    if (!entries.isEmpty() && entries.get(0).event() != sent + 1) {
      throw new IOException("it is too far behind: it will be told the whole status");
    }
    for (Entry entry : entries) {
      sendEvent(entry.event(), line(entry));
    }
    if (entries.isEmpty()) {
      requireSignatures();
      write(out, new FeedMessage.Heartbeat(sent));
    }
    out.flush();
    return entries.isEmpty() ? sent : entries.get(entries.size() - 1).event();
  }

  private String line(Entry entry) {
    return entry
        .policy()
        .map(policy -> json.writeValueAsString(whole.whole(policy)))
        .orElse(entry.line());
  }

  private void sendEvent(long event, String line) throws IOException {
    if (!position.nonce().isEmpty() && EventLog.needsSignature(line)) {
      try {
        write(out, FeedMessage.Signed.of(log.signer().event(history.feed(), event, line)));
      } catch (RefusedException e) {
        LOG.error("event {} is sent without a signature: {}", event, e.line());
        unsigned = new Unsigned(event, line);
      }
    }
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A broker passes over an event that lacks its signature, so that revocations after it still
   * reach it. Once the module signs again the stream ends: the broker asks for the whole.
   */
  private void requireSignatures() throws IOException {
    Unsigned missing = unsigned;
    if (missing == null) {
      return;
    }
    try {
      FeedStatement unused = log.signer().event(history.feed(), missing.event(), missing.line());
    } catch (RefusedException e) {
      return; // not yet
    }
    throw new IOException("the module signs again: it will be told the whole status");
  }

  private void write(OutputStream to, FeedMessage message) throws IOException {
    to.write((json.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
