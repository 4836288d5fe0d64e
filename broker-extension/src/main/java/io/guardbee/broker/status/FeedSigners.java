package io.guardbee.broker.status;

import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Who may sign the feed. */
@FunctionalInterface
public interface FeedSigners {

  /**
   * Requires that this authority may.
   *
   * @param told authorities that come with what it signed and may say so, if they hold by
   *     themselves; null when none do
   * @throws RefusedException when it may not
   */
  void require(X509Certificate signer, Instructions.@Nullable Trust told);
}
