package io.guardbee.broker.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a stream: what is in force, as the peer says. Nothing of it is followed before a
 * statement that the service signed for this stream covers all of its lines. For one thread.
 */
final class StreamHead {

  private static final int MOST_INSTRUCTIONS = 16;

  /**
   * A certificate takes some 8 octets in the index and as many for its device: half of the heap.
   */
  private static final long MOST_CERTIFICATES = Runtime.getRuntime().maxMemory() / 32;

  private final Ask ask;
  private final StatusIndex index;
  private final boolean allNew;
  private final long most;
  private final MessageDigest lines = sha256();
  private final List<FeedLine> instructions = new ArrayList<>();
  private @Nullable Coming coming;
  private long certificates;
  private boolean unread;

  /**
   * What a node asked for.
   *
   * @param nonce of this stream alone, hexadecimal
   * @param whole whether the whole status, whatever the node has
   */
  record Ask(String node, String nonce, boolean whole) {}

  /** A whole status, of which parts may be missing yet. */
  private static final class Coming {
    private final String feed;
    private final long event;
    private final StatusRefill refill;
    private boolean complete;

    Coming(FeedLine.Snapshot first, StatusRefill refill) {
      this.feed = first.feed();
      this.event = first.event();
      this.refill = refill;
    }

    void add(FeedLine.Snapshot part) {
      if (complete || !part.feed().equals(feed) || part.event() != event) {
        throw new IllegalStateException("the parts of a whole status are not of one");
      }
      part.certificates().forEach(refill::add);
      complete = part.last();
    }
  }

  /**
   * @param allNew whether all that a whole status blocks counts as newly blocked
   */
  StreamHead(Ask ask, StatusIndex index, boolean allNew) {
    this(ask, index, allNew, MOST_CERTIFICATES);
  }

  /**
   * The same with a bound of one's own.
   *
   * @param most certificates of a whole status
   */
  StreamHead(Ask ask, StatusIndex index, boolean allNew, long most) {
    this.ask = ask;
    this.index = index;
    this.allNew = allNew;
    this.most = most;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Keeps a line until the statement comes.
   *
   * @param text the line as it was received
   * @throws RefusedException when it is a line that only comes after a head
   */
  void add(FeedLine line, String text) {
    lines.update(text.getBytes(UTF_8));
    lines.update((byte) '\n');
    if (line instanceof FeedLine.Snapshot part) {
      requireRoom(part.certificates().size());
      Coming all = coming == null ? new Coming(part, index.refill(allNew)) : coming;
      coming = all;
      all.add(part);
    } else if (line.event() > 0 || line instanceof FeedLine.Heartbeat) {
      throw new RefusedException(
          Reason.FEED_REFUSED,
          "the peer did not sign the head of its stream: it is a service of an earlier version, or"
              + " does not hold the key of the operations CA",
          "update the service before its brokers; else see whether service in guardbee.yaml is its"
              + " address");
    } else if (line instanceof FeedLine.Restored restored) {
      requireRoom(1 + restored.windows().size() + restored.confirmed().size());
      instructions.add(line);
    } else if (isInstruction(line)) {
      if (instructions.stream().filter(StreamHead::isInstruction).count() == MOST_INSTRUCTIONS) {
        throw new IllegalStateException("more than " + MOST_INSTRUCTIONS + " instructions came");
      }
      instructions.add(line);
    } else {
      unread |= line instanceof FeedLine.Unknown;
    }
  }

  /** Before the head is signed, anybody may have sent it. */
  private void requireRoom(int more) {
    certificates += more;
    if (certificates > most) {
      throw new RefusedException(
          Reason.FEED_REFUSED,
          "the whole status has more than " + most + " certificates, the bound for this heap",
          "see whether service in guardbee.yaml is its address; else give the broker a larger"
              + " heap: GUARDBEE_JAVA_OPTS=-Xmx…");
    }
  }

  private static boolean isInstruction(FeedLine line) {
    return line instanceof FeedLine.Trusted || line instanceof FeedLine.Ordered;
  }

  /**
   * Holds the statement against what came.
   *
   * @throws RefusedException when the statement is not the service's, or not of these lines
   */
  Verified verify(FeedStatement statement, FeedSigners signers) {
    X509Certificate signer = statement.verifiedSigner();
    signers.require(signer, trustTold());
    FeedStatement.Head head =
        statement.head().orElseThrow(() -> refused("what is signed is no head of a stream"));
    if (!head.node().equals(URLEncoder.encode(ask.node(), UTF_8))) {
      throw refused("the head of the stream is signed for another node");
    }
    if (!head.nonce().equals(ask.nonce())) {
      throw refused("the head of the stream is signed for another stream");
    }
    if (!head.lines().equals(HexFormat.of().formatHex(lines.digest()))) {
      throw refused("the lines of the head are not those that were signed");
    }
    requireConsistent(head);
    return new Verified(head, signer, instructions, !unread, coming == null ? null : coming.refill);
  }

  /**
   * A head that the service signed for this node and stream.
   *
   * @param complete whether the instructions are all that there were: none was of a kind, or in a
   *     form, that is not known here
   * @param refill the whole status; null when the node is to go on from what it has
   */
  record Verified(
      FeedStatement.Head head,
      X509Certificate signer,
      List<FeedLine> instructions,
      boolean complete,
      @Nullable StatusRefill refill) {
    Verified {
      instructions = List.copyOf(instructions);
    }

    /** Whether the service has no policy in force: each head tells the one that is. */
    boolean hasNoPolicy() {
      return complete
          && instructions.stream()
              .noneMatch(
                  line ->
                      line instanceof FeedLine.Ordered ordered
                          && ordered.order().mode() == Instructions.PolicyOrder.Mode.ENFORCE);
    }
  }

  private void requireConsistent(FeedStatement.Head head) {
    Coming whole = coming;
    boolean fits =
        whole == null
            ? !ask.whole() && head.feed().equals(index.feed()) && head.event() >= index.event()
            : whole.complete && head.feed().equals(whole.feed) && head.event() == whole.event;
    if (!fits) {
      throw refused("the head of the stream lacks certificates' status");
    }
  }

  private Instructions.@Nullable Trust trustTold() {
    return instructions.stream()
        .filter(FeedLine.Trusted.class::isInstance)
        .map(line -> ((FeedLine.Trusted) line).trust())
        .findFirst()
        .orElse(null);
  }

  private static RefusedException refused(String detail) {
    return new RefusedException(
        Reason.FEED_REFUSED,
        detail,
        "see whether service in guardbee.yaml is the address of the genuine provisioning service");
  }
}
