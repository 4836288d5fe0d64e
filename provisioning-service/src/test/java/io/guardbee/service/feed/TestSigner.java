package io.guardbee.service.feed;

import io.guardbee.pki.Identity;
import io.guardbee.service.authority.Authority;
import io.guardbee.testing.TestCa;

/** Signs the feed with a key in memory. */
public final class TestSigner {

  /** The operations authority of these tests. */
  static final TestCa OPERATIONS = TestCa.root().authority("operations");

  private TestSigner() {}

  public static FeedSigner signer() {
    return new FeedSigner(
        new Authority(Identity.OPERATIONS, OPERATIONS.certificate(), OPERATIONS.key()));
  }
}
