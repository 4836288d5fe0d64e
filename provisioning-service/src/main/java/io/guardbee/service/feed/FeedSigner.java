package io.guardbee.service.feed;

import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Signer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Signs statements for brokers with the operations authority's key in the module. An event is
 * signed once, however many brokers it is sent to. Thread-safe.
 */
public final class FeedSigner {

  private static final int REMEMBERED_EVENTS = 10_000;

  private final Authority operations;

  /** By the signed text; the oldest are forgotten, and would be signed again. */
  private final Map<String, FeedStatement> events =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, FeedStatement> eldest) {
          return size() > REMEMBERED_EVENTS;
        }
      };

  public FeedSigner(Authority operations) {
    this.operations = operations;
  }

  /**
   * Signs the head of one stream.
   *
   * @throws RefusedException {@code MODULE_FAILED}
   */
  FeedStatement head(FeedStatement.Head head) {
    return sign(head.text());
  }

  /**
   * Signs an event, or has its signature already. One signature is made at a time: the brokers that
   * are sent the same event share it.
   *
   * @throws RefusedException {@code MODULE_FAILED}
   */
  synchronized FeedStatement event(String feed, long event, String line) {
    String text = new FeedStatement.Event(feed, event, sum(line)).text();
    FeedStatement known = events.get(text);
    if (known == null) {
      known = sign(text);
      events.put(text, known);
    }
    return known;
  }

  private FeedStatement sign(String text) {
    byte[] signature =
        new Signer(operations.role(), operations.certificate().getPublicKey(), operations.key())
            .sign(text.getBytes(StandardCharsets.US_ASCII));
    return FeedStatement.of(text, signature, operations.certificate());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String sum(String line) {
    return HexFormat.of().formatHex(sha256().digest(line.getBytes(StandardCharsets.UTF_8)));
  }
}
