package io.guardbee.broker.status;

import io.guardbee.pki.ceremony.SignedRecord;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the service tells its brokers besides certificates' status. Called by the feed's one thread,
 * in the order of the feed; the same may be told again and is then to change nothing.
 */
public interface Instructions {

  /** Whom to believe from now on, in the place of what was told before. */
  void trust(Trust trust);

  /** What to do with a policy. */
  void policy(PolicyOrder order);

  /** The service has no version of the policy in force. */
  void noPolicy();

  /** The version of the policy that was last told to be enforced; 0 for none. By any thread. */
  long policyTold();

  /**
   * The authorities of the service.
   *
   * @param roots self-signed anchors
   * @param issuing authorities whose device certificates may come in, each signed by a root
   * @param records ceremony records that say so, signed by a root
   * @param crl PEM, the root's list of revoked authorities; empty for none
   */
  record Trust(
      List<X509Certificate> roots,
      List<X509Certificate> issuing,
      List<SignedRecord> records,
      String crl) {
    public Trust {
      roots = List.copyOf(roots);
      issuing = List.copyOf(issuing);
      records = List.copyOf(records);
    }
  }

  /**
   * A version of the policy and what is to be done with it.
   *
   * @param version counts from 1
   * @param mode {@code enforce} it; {@code observe} what it would refuse while the one in force
   *     decides; {@code foresee}: answer whom it would affect, change nothing; {@code withdraw}
   *     from observing
   * @param text the document
   */
  record PolicyOrder(long version, Mode mode, String text) {

    /** What is to be done. */
    public enum Mode {
      ENFORCE,
      OBSERVE,
      FORESEE,
      WITHDRAW
    }
  }
}
