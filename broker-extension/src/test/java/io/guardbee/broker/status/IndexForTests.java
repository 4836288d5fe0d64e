package io.guardbee.broker.status;

import java.time.Instant;
import java.util.List;

/** Lets tests of other packages change an index as the feed does. */
public final class IndexForTests {

  private IndexForTests() {}

  /** The service was heard, and nothing is blocked. */
  public static void begin(StatusIndex index) {
    index.heard(Instant.now());
    index.refill().commit("feed", 0);
  }

  public static void revoke(StatusIndex index, long event, BlockedCertificate certificate) {
    apply(index, event, "revoked", List.of(certificate));
  }

  /** All of one device. */
  public static void apply(
      StatusIndex index, long event, String status, List<BlockedCertificate> certificates) {
    index.apply(new FeedLine.Status(event, certificates.get(0).deviceId(), status, certificates));
  }
}
