package io.guardbee.broker.status;

import java.util.List;

/** Lets tests of other packages change an index as the feed does. */
public final class IndexForTests {

  private IndexForTests() {}

  public static void revoke(StatusIndex index, long event, BlockedCertificate certificate) {
    index.apply(
        new FeedLine.Status(event, certificate.deviceId(), "revoked", List.of(certificate)));
  }
}
