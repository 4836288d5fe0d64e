package io.guardbee.service.revocation;

import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import java.util.List;

/**
 * A change of a device's standing that is on disk.
 *
 * @param event that tells the brokers
 * @param serials the certificates that it concerns
 */
record Change(long event, List<String> serials) {

  Change {
    serials = List.copyOf(serials);
  }

  static Change of(long event, List<CertificateStatus> certificates) {
    return new Change(event, certificates.stream().map(CertificateStatus::serial).toList());
  }
}
